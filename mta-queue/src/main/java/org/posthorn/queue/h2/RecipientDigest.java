package org.posthorn.queue.h2;

import java.util.Collection;
import java.util.Locale;
import org.posthorn.queue.RecipientNumber;

/**
 * Which recipients of a message have rows, as one number: a hash of each of their numbers, all combined by exclusive or, so that
 * their order says nothing; 0 for none. In Java for rows that are to be written, in SQL for those that are there.
 */
final class RecipientDigest {
  // All exceed an int or multiply what does, so that H2 computes with 64 bits; no product overflows these.
  private static final long FACTOR = 2_654_435_761L;
  private static final long MODULUS = 2_147_483_659L;
  /** Makes the hash no polynomial of the number: sums of these are often equal. */
  private static final long SECOND_MODULUS = 65_521;

  private static final String SPREAD = String.format(Locale.ROOT, "mod((number + 1) * %d, %d)", FACTOR, MODULUS);
  /** The digest of a group of recipients in SQL. */
  static final String SQL = String.format(Locale.ROOT, "coalesce(bit_xor_agg(%1$s * mod(%1$s, %2$d)), 0)", SPREAD,
      SECOND_MODULUS);

  private RecipientDigest() {}

  /** Returns the digest of {@code recipients}, each of which must be there once. */
  static long of(Collection<RecipientNumber> recipients) {
    long digest = 0;
    for (var recipient : recipients) {
      long spread = (recipient.value() + 1L) * FACTOR % MODULUS;
      digest ^= spread * (spread % SECOND_MODULUS);
    }
    return digest;
  }
}
