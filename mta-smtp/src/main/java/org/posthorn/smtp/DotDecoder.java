package org.posthorn.smtp;

import java.io.IOException;

/**
 * Takes what a client sends after DATA and gives back the message: without the dots that transparency added, up to
 * the end of data (RFC 5321 §4.5.2). Only CRLF.CRLF ends it; nothing else that looks like a line end counts (RFC 5321
 * §2.3.8), or one message could smuggle in another. Bare CRs and LFs pass as they are, for {@link ContentScan} to
 * find.
 *
 * <p>Octets may come in pieces of any size. One thread at a time uses it.
 */
public final class DotDecoder {
  private enum State {
    LINE_START, IN_LINE, DOT, DOT_CR, ENDED
  }

  private static final byte[] CR = {'\r'};

  private State state = State.LINE_START;
  private boolean lastWasCr;

  /**
   * Takes octets up to the end of data, and shows the content among them to {@code sink} in as few pieces as possible.
   *
   * @return where it stopped: {@code to}, or less when the data has ended and commands follow
   */
  public int take(byte[] octets, int from, int to, ContentSink sink) throws IOException {
    int at = from;
    while (at < to && state != State.ENDED) {
      byte next = octets[at];
      switch (state) {
        case LINE_START -> {
          state = next == '.' ? State.DOT : State.IN_LINE;
          at += next == '.' ? 1 : 0;
        }
        case DOT -> {
          state = next == '\r' ? State.DOT_CR : State.IN_LINE; // either way the dot itself is gone
          at += next == '\r' ? 1 : 0;
        }
        case DOT_CR -> {
          if (next == '\n') {
            state = State.ENDED;
            at++;
          } else {
            sink.take(CR, 0, 1);
            lastWasCr = true;
            state = State.IN_LINE;
          }
        }
        case IN_LINE -> at = takeLines(octets, at, to, sink);
        case ENDED -> throw new IllegalStateException("past the end of data");
      }
    }
    return at;
  }

  /** Whether the end of data has been seen. */
  public boolean isEnded() {
    return state == State.ENDED;
  }

  /** Takes lines until one begins with a dot, or the octets run out. */
  private int takeLines(byte[] octets, int from, int to, ContentSink sink) throws IOException {
    int end = to;
    boolean afterCr = octets[to - 1] == '\r';
    for (int lf = Octets.indexOf(octets, (byte) '\n', from, to); lf < to; lf = Octets.indexOf(octets, (byte) '\n',
        lf + 1,
        to)) {
      boolean isLineEnd = lf > from ? octets[lf - 1] == '\r' : lastWasCr;
      if (isLineEnd && (lf + 1 == to || octets[lf + 1] == '.')) {
        state = State.LINE_START;
        end = lf + 1;
        afterCr = false;
        break;
      }
    }
    lastWasCr = afterCr;
    sink.take(octets, from, end);
    return end;
  }
}
