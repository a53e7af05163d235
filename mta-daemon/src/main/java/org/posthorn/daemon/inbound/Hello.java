package org.posthorn.daemon.inbound;

import org.posthorn.daemon.inbound.Trace.Protocol.Form;

/**
 * How a client has begun.
 *
 * @param name what it called itself, harmless in a field
 * @param form what it speaks
 */
public record Hello(String name, Form form) {
  /** Whether it knows of extensions, as all do but those that said HELO. */
  public boolean extended() {
    return form != Form.SMTP;
  }
}
