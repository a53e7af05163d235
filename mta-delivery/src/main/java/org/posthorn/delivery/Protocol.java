package org.posthorn.delivery;

/** What a server speaks. */
enum Protocol {
  /** RFC 5321. */
  SMTP("EHLO"),
  /** RFC 2033: the same dialogue with another hello, and a reply for each recipient at the end. */
  LMTP("LHLO");

  private final String hello;

  Protocol(String hello) {
    this.hello = hello;
  }

  /** Returns the verb that asks for the extensions. */
  String hello() {
    return hello;
  }
}
