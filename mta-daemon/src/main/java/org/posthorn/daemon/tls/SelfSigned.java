package org.posthorn.daemon.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.posthorn.queue.spool.LocalDisk;
import org.posthorn.smtp.Domain;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate that nobody vouches for, so that mail can be encrypted from the first start: servers that deliver to us do
 * not ask who vouches for us unless they are told to (RFC 7435). Kept with its key in one file that only we can read.
 */
final class SelfSigned {
  private static final Logger log = LoggerFactory.getLogger(SelfSigned.class);
  private static final Duration VALIDITY = Duration.ofDays(3650);
  private static final Duration RENEWAL = Duration.ofDays(30);
  private static final int MAX_COMMON_NAME = 64; // RFC 5280 appendix A.1
  private static final int SERIAL_BITS = 127; // RFC 5280 §4.1.2.2: positive, at most 20 octets

  private final Path file;

  SelfSigned(Path file) {
    this.file = file;
  }

  /**
   * Returns the one that is there; makes another when there is none, when it is for another host or over, or when it cannot be
   * read: it is not synced, so a power cut may leave an empty file.
   */
  Credential obtain(Domain host, Instant now, RandomGenerator random) throws CredentialException {
    var kept = kept().filter(known -> known.covers(host.name()) && !isOver(known, now));
    if (kept.isPresent()) {
      return kept.get();
    }
    write(host, now, random);
    return new CertificateFiles(file, file).read();
  }

  private Optional<Credential> kept() {
    try {
      return Files.exists(file) ? Optional.of(new CertificateFiles(file, file).read()) : Optional.empty();
    } catch (CredentialException e) {
      log.atWarn()
          .addKeyValue("problem", e.getMessage())
          .log("a certificate is made in place of the one that we had made");
      return Optional.empty();
    }
  }

  private static boolean isOver(Credential kept, Instant now) {
    return kept.certificate().getNotAfter().toInstant().isBefore(now.plus(RENEWAL));
  }

  private void write(Domain host, Instant now, RandomGenerator random) throws CredentialException {
    try {
      var pair = keyPair();
      String pem = Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded())
          + Pem.write("CERTIFICATE", certificate(pair, host, now, random));
      Files.createDirectories(file.getParent(), LocalDisk.OURS_ONLY);
      Path fresh = Files.createTempFile(file.getParent(), ".tls", ".pem",
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(fresh, pem, StandardCharsets.US_ASCII);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new CredentialException(file + ": cannot be written: " + e, e);
    }
  }

  private static KeyPair keyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the Java runtime has no P-256", e);
    }
  }

  private static byte[] certificate(KeyPair pair, Domain host, Instant now, RandomGenerator random) {
    byte[] algorithm = Der.sequence(Der.oid("1.2.840.10045.4.3.2")); // ecdsa-with-SHA256, RFC 5758 §3.2
    byte[] name = Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"),
        Der.text(host.name().substring(0, Math.min(MAX_COMMON_NAME, host.name().length()))))));
    byte[] signed = Der.sequence(Der.explicit(0, Der.integer(BigInteger.TWO)), Der.integer(serial(random)), algorithm,
        name, Der.sequence(Der.time(now.minus(Duration.ofDays(1))), Der.time(now.plus(VALIDITY))), name,
        pair.getPublic().getEncoded(), Der.explicit(3, extensions(host)));
    return Der.sequence(signed, algorithm, Der.bits(signature(pair, signed)));
  }

  /** For whom (RFC 5280 §4.2.1.6), and what for: to sign as a TLS server, not as an authority (§4.2.1.3, §4.2.1.12). */
  private static byte[] extensions(Domain host) {
    byte[] names = Der.sequence(Der.implicit(2, host.name().getBytes(StandardCharsets.US_ASCII)));
    return Der.sequence(
        Der.sequence(Der.oid("2.5.29.17"), Der.octets(names)),
        Der.sequence(Der.oid("2.5.29.15"), Der.octets(Der.bits(new byte[]{(byte) 0x80}, 7))),
        Der.sequence(Der.oid("2.5.29.37"), Der.octets(Der.sequence(Der.oid("1.3.6.1.5.5.7.3.1")))),
        Der.sequence(Der.oid("2.5.29.19"), Der.octets(Der.sequence())));
  }

  private static byte[] signature(KeyPair pair, byte[] text) {
    try {
      var signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(pair.getPrivate());
      signature.update(text);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the Java runtime cannot sign", e);
    }
  }

  private static BigInteger serial(RandomGenerator random) {
    byte[] octets = new byte[(SERIAL_BITS + 1) / 8];
    random.nextBytes(octets);
    return new BigInteger(1, octets).clearBit(SERIAL_BITS).setBit(0);
  }
}
