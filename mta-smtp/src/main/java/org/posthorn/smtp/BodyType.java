package org.posthorn.smtp;

/** What the client declared the content to be: the BODY parameter of MAIL (RFC 6152 §2). */
public enum BodyType {
  /** Lines of 7-bit octets; also when no BODY was given. */
  SEVEN_BIT("7BIT"),
  /** Lines with octets above 127. */
  EIGHT_BIT_MIME("8BITMIME"),
  /** Octets that need not make up lines (RFC 3030 §3). */
  BINARY_MIME("BINARYMIME");

  private final String keyword;

  BodyType(String keyword) {
    this.keyword = keyword;
  }

  /** Returns the value as it stands behind {@code BODY=}. */
  public String keyword() {
    return keyword;
  }
}
