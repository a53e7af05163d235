package org.posthorn.daemon.admin;

import java.io.IOException;
import java.io.OutputStream;

/** What a request is answered with. */
sealed interface AdminAnswer {
  /** The type of JSON. */
  String JSON = "application/json";
  /** One JSON object on each line. */
  String JSON_LINES = "application/x-ndjson";
  /** Octets of a message. */
  String MESSAGE = "message/rfc822";

  /** A short answer. */
  record Whole(int status, String type, byte[] body) implements AdminAnswer {}

  /** An answer of any length with status 200, sent while it is made. */
  record Streamed(String type, Body body) implements AdminAnswer {}

  /** Writes what is sent; blocks while the client does not take it. An exception cuts the answer, visibly for the client. */
  @FunctionalInterface
  interface Body {
    void writeTo(OutputStream out) throws IOException;
  }
}
