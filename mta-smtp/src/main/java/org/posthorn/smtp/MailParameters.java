package org.posthorn.smtp;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The parameters of MAIL (RFC 5321 §4.1.1.2).
 *
 * @param size the announced size in octets (RFC 1870)
 * @param body the BODY parameter (RFC 6152); {@link BodyType#SEVEN_BIT} when absent
 * @param smtpUtf8 whether SMTPUTF8 was given (RFC 6531)
 * @param ret the RET parameter (RFC 3461 §4.3)
 * @param envelopeId the ENVID parameter, xtext decoded (RFC 3461 §4.4)
 * @param options the rarer ones
 */
public record MailParameters(OptionalLong size, BodyType body, boolean smtpUtf8, Optional<ReturnContent> ret,
    Optional<String> envelopeId, MailOptions options) {
  /** A MAIL without parameters. */
  public static final MailParameters NONE = new MailParameters(OptionalLong.empty(), BodyType.SEVEN_BIT, false,
      Optional.empty(), Optional.empty(), MailOptions.NONE);

  /**
   * Returns these without the ones for which {@code server} lacks the extension. Whether the message can go to a server
   * without 8BITMIME or SMTPUTF8 at all is a question of its own.
   */
  public MailParameters offeredBy(Capabilities server) {
    MailOptions offered = options.offeredBy(server);
    boolean dsn = server.has(Capabilities.Extension.DSN);
    return new MailParameters(
        server.has(Capabilities.Extension.SIZE) ? size : OptionalLong.empty(),
        server.has(extensionFor(body)) ? body : BodyType.SEVEN_BIT,
        smtpUtf8 && server.has(Capabilities.Extension.SMTPUTF8),
        ret.filter(_ -> dsn),
        envelopeId.filter(_ -> dsn || offered.tracking().isPresent()), offered); // RFC 3885 §3.2
  }

  private static Capabilities.Extension extensionFor(BodyType body) {
    return switch (body) {
      case SEVEN_BIT, EIGHT_BIT_MIME -> Capabilities.Extension.EIGHT_BIT_MIME;
      case BINARY_MIME -> Capabilities.Extension.BINARYMIME;
    };
  }
}
