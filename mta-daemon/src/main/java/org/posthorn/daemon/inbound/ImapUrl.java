package org.posthorn.daemon.inbound;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An IMAP URL that says who may use it (RFC 4467 §7).
 *
 * @param text as the client gave it, without quotes, backslashes and spaces
 * @param authority the server: a host, perhaps with a port
 * @param submitter who may have it submitted: what stands behind {@code submit+}
 */
record ImapUrl(String text, String authority, String submitter) {
  private static final Pattern FORM = Pattern.compile(
      "imap://(?!.*;urlauth=.*;urlauth=)(?:[!#-.0-?A-\\[\\]-~]*@)?([A-Za-z0-9.:\\[\\]-]+)/[!#-\\[\\]-~]+;urlauth=submit\\+([^:;@/]+):[A-Za-z0-9.-]+:[0-9A-Fa-f]{32,}",
      Pattern.CASE_INSENSITIVE);

  /** Returns it as it may be shown: with the token whoever reads it could have the message. */
  String withoutToken() {
    return text.substring(0, text.lastIndexOf(':'));
  }

  /** Reads {@code text}; empty when it is something else, or anybody might use it. */
  static Optional<ImapUrl> parse(String text) {
    var matcher = FORM.matcher(text);
    try {
      return matcher.matches()
          ? Optional.of(new ImapUrl(text, matcher.group(1),
              URLDecoder.decode(matcher.group(2).replace("+", "%2B"), StandardCharsets.UTF_8)))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty(); // a percent sign without digits
    }
  }
}
