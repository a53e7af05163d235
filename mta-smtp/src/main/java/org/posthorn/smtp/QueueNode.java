package org.posthorn.smtp;

/**
 * Whose waiting mail ETRN asks for (RFC 1985 §5).
 *
 * @param scope how the name is meant
 * @param name a domain in the form of {@link Domain}, or the name of a queue
 */
public record QueueNode(Scope scope, String name) {
  /** How the name of a node is meant, by the character in front of it (RFC 1985 §5.3). */
  public enum Scope {
    /** Nothing: this domain. */
    DOMAIN,
    /** {@code @}: this domain and all below it. */
    SUBDOMAINS,
    /** {@code #}: the queue of this name, which is for each server to define. */
    QUEUE
  }

  private static final int MAX_CHARS = 255;

  /** Reads a node; one that is none is answered by 501. */
  static QueueNode read(Cursor cursor) {
    Scope scope = cursor.take('@') ? Scope.SUBDOMAINS : cursor.take('#') ? Scope.QUEUE : Scope.DOMAIN;
    String text = cursor.rest();
    if (scope == Scope.QUEUE) {
      if (text.isEmpty() || text.length() > MAX_CHARS || text.indexOf(' ') >= 0 || !Ascii.isAscii(text)) {
        throw malformed();
      }
      return new QueueNode(scope, text);
    }
    String name = Domain.parse(text).map(Domain::name).orElseThrow(QueueNode::malformed);
    if (name.indexOf('.') < 0) { // RFC 1985 §5: fully qualified
      throw malformed();
    }
    return new QueueNode(scope, name);
  }

  /** Whether {@code domain} is one that is asked for. */
  public boolean includes(Domain domain) {
    return switch (scope) {
      case DOMAIN -> domain.name().equals(name);
      case SUBDOMAINS -> domain.name().equals(name) || domain.name().endsWith("." + name);
      case QUEUE -> false;
    };
  }

  /** Returns it as the client wrote it, but for capitals. */
  @Override
  public String toString() {
    return switch (scope) {
      case DOMAIN -> name;
      case SUBDOMAINS -> "@" + name;
      case QUEUE -> "#" + name;
    };
  }

  private static Cursor.SyntaxException malformed() {
    return new Cursor.SyntaxException(Reply.of(501, "5.5.4", "Syntax: ETRN [@|#]node"));
  }
}
