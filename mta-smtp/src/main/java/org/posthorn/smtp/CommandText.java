package org.posthorn.smtp;

/** Commands as a client writes them, without the final CRLF (RFC 5321 §4.1.1). */
public final class CommandText {
  private CommandText() {}

  /**
   * Returns MAIL with all of {@code parameters} but what is for the server alone to which it was said: the release, the submitter
   * and the transaction's id. See {@link MailParameters#offeredBy}.
   */
  public static String mail(ReversePath from, MailParameters parameters) {
    var line = new StringBuilder("MAIL FROM:<").append(from).append('>');
    parameters.size().ifPresent(octets -> line.append(" SIZE=").append(octets));
    if (parameters.body() != BodyType.SEVEN_BIT) {
      line.append(" BODY=").append(parameters.body().keyword());
    }
    line.append(parameters.smtpUtf8() ? " SMTPUTF8" : "");
    line.append(parameters.options().requireTls() ? " REQUIRETLS" : "");
    parameters.ret().ifPresent(ret -> line.append(" RET=").append(ret));
    parameters.envelopeId().ifPresent(id -> line.append(" ENVID=").append(Xtext.encode(id)));
    parameters.options().deliverBy().ifPresent(by -> line.append(" BY=").append(by));
    parameters.options().priority().ifPresent(priority -> line.append(" MT-PRIORITY=").append(priority));
    append(line, parameters.options());
    return line.toString();
  }

  private static void append(StringBuilder line, MailOptions options) {
    if (!options.solicitations().isEmpty()) {
      line.append(" SOLICIT=").append(String.join(",", options.solicitations()));
    }
    options.tracking().ifPresent(tracking -> line.append(" MTRK=").append(tracking));
  }

  /** Returns RCPT with all of {@code parameters}; see {@link RcptParameters#offeredBy}. */
  public static String rcpt(ForwardPath to, RcptParameters parameters) {
    var line = new StringBuilder("RCPT TO:<").append(to).append('>');
    parameters.notifyOn().ifPresent(notify -> line.append(" NOTIFY=").append(notify));
    parameters.original().ifPresent(original -> line.append(" ORCPT=").append(original));
    parameters.validSince().ifPresent(since -> line.append(" RRVS=").append(since));
    return line.toString();
  }

  /** Returns BDAT for a chunk of {@code octets}, at least 0 (RFC 3030 §2). */
  public static String bdat(long octets, boolean last) {
    return "BDAT " + octets + (last ? " LAST" : "");
  }
}
