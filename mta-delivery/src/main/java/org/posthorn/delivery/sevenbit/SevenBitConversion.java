package org.posthorn.delivery.sevenbit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.posthorn.queue.MessageContent;
import org.posthorn.smtp.BodyType;

/**
 * Brings content into 7-bit form for a next hop without 8BITMIME (RFC 6152 §3): leaves of the MIME structure (RFC 2045, 2046)
 * that hold octets above 127 are encoded, text as quoted-printable and the rest as base64, and their headers say so. A
 * header field with such octets gets encoded-words (RFC 2047). Everything else stays octet by octet.
 *
 * <p>What must not be touched, as the parts of {@code multipart/signed}, is not; when that holds such octets, the message
 * cannot be converted. The memory used does not depend on the message: it is read once to find out what has to change,
 * once for the size of the result, and once more each time the result is read.
 */
public final class SevenBitConversion {
  private static final int CHUNK_BYTES = 16 * 1024;

  private SevenBitConversion() {}

  /**
   * Converts {@code content}, as far as that is needed and possible. When it was declared {@link BodyType#BINARY_MIME} it may
   * hold more than lines, and no line of the result does (RFC 3030 §3).
   */
  public static Converted convert(MessageContent content, BodyType body) throws IOException {
    var analysis = new Analysis(body == BodyType.BINARY_MIME);
    var scanner = new MimeScanner(analysis);
    try (var in = content.open()) {
      var chunk = new byte[CHUNK_BYTES];
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        scanner.feed(chunk, length);
      }
    }
    scanner.finish();
    if (!analysis.isAnythingToDo()) {
      return new Converted.AsIs();
    }
    if (analysis.problem().isPresent()) {
      return new Converted.Impossible("the message cannot be sent as 7-bit text: " + analysis.problem().get());
    }
    if (scanner.isTooDeep()) {
      return new Converted.Impossible("the message cannot be sent as 7-bit text: its parts are nested too deeply");
    }
    return new Converted.Rewritten(new ConvertedContent(content, analysis, sizeOf(content, analysis)));
  }

  private static long sizeOf(MessageContent content, Analysis analysis) throws IOException {
    try (var in = new ConvertingStream(content.open(), analysis)) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private record ConvertedContent(MessageContent original, Analysis analysis, long size) implements MessageContent {
    @Override
    public InputStream open() throws IOException {
      return new ConvertingStream(original.open(), analysis);
    }
  }
}
