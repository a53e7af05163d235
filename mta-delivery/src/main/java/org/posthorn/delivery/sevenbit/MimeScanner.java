package org.posthorn.delivery.sevenbit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds the structure of a MIME message in a stream of octets (RFC 2045, 2046), with memory bounded whatever comes: lines,
 * fields and bodies may be of any length. Used by one thread, for one message.
 */
final class MimeScanner {
  /** A deeper structure is no longer looked into. Postfix's bound. */
  static final int MAX_DEPTH = 100;

  private static final int MAX_PIECE = 8 * 1024;
  private static final int MAX_FIELD = 64 * 1024;
  private static final byte[] NOTHING = {};
  private static final byte[] CRLF = {'\r', '\n'};

  private enum Place {
    HEADER, BODY, BETWEEN
  }

  private final MimeEvents events;
  private final byte[] line = new byte[MAX_PIECE];
  private int lineLength;
  private boolean atLineStart = true;
  private final byte[] field = new byte[MAX_FIELD + MAX_PIECE];
  private int fieldLength;
  private boolean fieldBegins = true;
  private final List<Entity> multiparts = new ArrayList<>();
  private Entity entity = Entity.message(false);
  private Place place = Place.HEADER;
  private boolean lineEndHeld;
  private boolean tooDeep;

  /** Tells {@code events} what comes by. */
  MimeScanner(MimeEvents events) {
    this.events = events;
  }

  /** Whether some of the structure lay deeper than {@link #MAX_DEPTH}. */
  boolean isTooDeep() {
    return tooDeep;
  }

  /** Takes the next octets of the message. */
  void feed(byte[] octets, int length) throws IOException {
    for (int i = 0; i < length; i++) {
      line[lineLength++] = octets[i];
      // A CR must not be parted from its LF, so a full piece ends with something else.
      boolean full = lineLength == MAX_PIECE || (lineLength == MAX_PIECE - 1 && octets[i] != '\r');
      if (octets[i] == '\n' || full) {
        piece();
      }
    }
  }

  /** Ends the message. */
  void finish() throws IOException {
    if (lineLength > 0) {
      piece();
    }
    releaseLineEnd();
    endEntity();
  }

  private void piece() throws IOException {
    int length = lineLength;
    boolean starts = atLineStart;
    lineLength = 0;
    atLineStart = line[length - 1] == '\n';
    int multipart = starts ? delimited(length) : -1;
    if (multipart >= 0) {
      delimiter(multipart, length);
      return;
    }
    switch (place) {
      case HEADER -> header(length, starts);
      case BODY -> body(length);
      case BETWEEN -> events.between(isFrozenHere(), line, length);
    }
  }

  private void header(int length, boolean starts) throws IOException {
    if (starts && contentLength(length) == 0) {
      endField();
      beginBody(Arrays.copyOf(line, length));
      return;
    }
    if (starts && line[0] != ' ' && line[0] != '\t') {
      endField();
      fieldBegins = true;
    }
    System.arraycopy(line, 0, field, fieldLength, length);
    fieldLength += length;
    if (fieldLength >= MAX_FIELD) {
      endField();
      fieldBegins = false;
    }
  }

  private void endField() throws IOException {
    if (fieldLength > 0) {
      if (fieldBegins) {
        entity.field(new String(field, 0, fieldLength, StandardCharsets.ISO_8859_1));
      }
      events.field(entity, field, fieldLength, fieldBegins);
      fieldLength = 0;
    }
  }

  private void beginBody(byte[] blankLine) throws IOException {
    events.headerEnd(entity, blankLine);
    switch (entity.kind()) {
      case LEAF -> place = Place.BODY;
      case MULTIPART -> {
        if (multiparts.size() < MAX_DEPTH) {
          multiparts.add(entity);
        } else {
          tooDeep = true;
        }
        place = Place.BETWEEN;
      }
      case MESSAGE -> {
        entity = Entity.message(entity.isFrozen());
        place = Place.HEADER;
      }
    }
  }

  private void body(int length) throws IOException {
    releaseLineEnd();
    int content = contentLength(length);
    boolean crlf = length - content == CRLF.length;
    int given = crlf ? content : length;
    if (given > 0) {
      events.body(entity, line, given);
    }
    lineEndHeld = crlf;
  }

  private void releaseLineEnd() throws IOException {
    if (lineEndHeld) {
      events.body(entity, CRLF, CRLF.length);
      lineEndHeld = false;
    }
  }

  /** Returns which multipart the line in hand delimits, an index of {@link #multiparts}, or -1. */
  private int delimited(int length) {
    if (length < 2 || line[0] != '-' || line[1] != '-') {
      return -1;
    }
    for (int i = multiparts.size() - 1; i >= 0; i--) {
      byte[] delimiter = multiparts.get(i).delimiter();
      if (startsWith(delimiter, length) && isBlank(delimiter.length + (closes(delimiter, length) ? 2 : 0), length)) {
        return i;
      }
    }
    return -1;
  }

  private void delimiter(int multipart, int length) throws IOException {
    boolean last = closes(multiparts.get(multipart).delimiter(), length);
    boolean heldLineEnd = lineEndHeld;
    lineEndHeld = false;
    endEntity();
    var parent = multiparts.get(multipart);
    multiparts.subList(last ? multipart : multipart + 1, multiparts.size()).clear();
    boolean frozen = parent.isFrozen() || parent.isSealed();
    if (heldLineEnd) {
      events.between(frozen, CRLF, CRLF.length);
    }
    events.between(frozen, line, length);
    if (last) {
      place = Place.BETWEEN;
    } else {
      entity = Entity.part(parent);
      fieldBegins = true;
      place = Place.HEADER;
    }
  }

  private void endEntity() throws IOException {
    switch (place) {
      case HEADER -> {
        endField();
        events.headerEnd(entity, NOTHING);
      }
      case BODY -> events.bodyEnd(entity);
      case BETWEEN -> {
      }
    }
  }

  private boolean isFrozenHere() {
    return !multiparts.isEmpty() && (multiparts.getLast().isFrozen() || multiparts.getLast().isSealed());
  }

  private boolean startsWith(byte[] delimiter, int length) {
    return length >= delimiter.length
        && Arrays.equals(line, 0, delimiter.length, delimiter, 0, delimiter.length);
  }

  private boolean closes(byte[] delimiter, int length) {
    int at = delimiter.length;
    return length >= at + 2 && line[at] == '-' && line[at + 1] == '-';
  }

  private boolean isBlank(int from, int length) {
    for (int i = from; i < contentLength(length); i++) {
      if (line[i] != ' ' && line[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  /** Returns the length of the line in hand without its line end. */
  private int contentLength(int length) {
    if (length == 0 || line[length - 1] != '\n') {
      return length;
    }
    return length > 1 && line[length - 2] == '\r' ? length - 2 : length - 1;
  }
}
