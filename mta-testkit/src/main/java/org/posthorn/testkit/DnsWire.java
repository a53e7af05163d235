package org.posthorn.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** As much of the DNS message format (RFC 1035 §4) as {@link FakeDnsServer} needs; names are never compressed. */
final class DnsWire {
  static final int NOERROR = 0;
  static final int FORMERR = 1;
  static final int SERVFAIL = 2;
  static final int NXDOMAIN = 3;
  static final int REFUSED = 5;
  static final Map<String, Integer> TYPES = Map.of("A", 1, "NS", 2, "CNAME", 5, "SOA", 6, "PTR", 12, "MX", 15, "TXT",
      16, "AAAA", 28);

  private static final int FLAG_RESPONSE = 0x8000;
  private static final int FLAG_AUTHORITATIVE = 0x0400;
  private static final int FLAG_TRUNCATED = 0x0200;
  private static final int FLAG_RECURSION_DESIRED = 0x0100;
  private static final int FLAG_RECURSION_AVAILABLE = 0x0080;
  private static final int CLASS_IN = 1;

  private DnsWire() {}

  /** A question: {@code name} in lower case without a final dot, the root as the empty string; whether there is EDNS with it. */
  record Question(int id, String name, int type, int flags, boolean isExtended) {
    /** Returns the name of the type, or TYPEn (RFC 3597 §5). */
    String typeName() {
      return TYPES.entrySet()
          .stream()
          .filter(entry -> entry.getValue() == type)
          .map(Map.Entry::getKey)
          .findFirst()
          .orElse("TYPE" + type);
    }
  }

  /** A record of the zone; {@code value} is its text as in a zone file. */
  record Rr(String name, long ttl, String type, String value) {}

  /** A response but for its id and question. */
  record Response(int rcode, boolean isTruncated, List<Rr> answers, List<Rr> authority) {
    static Response error(int rcode) {
      return new Response(rcode, false, List.of(), List.of());
    }

    Response truncated() {
      return new Response(rcode, true, List.of(), List.of());
    }
  }

  /** Writes a query with id 1. */
  static byte[] query(String name, String type) {
    var octets = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(octets)) {
      out.writeShort(1);
      out.writeShort(0);
      out.writeShort(1);
      out.write(new byte[6]);
      writeName(out, name);
      out.writeShort(typeNumber(type));
      out.writeShort(CLASS_IN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return octets.toByteArray();
  }

  /** Reads the question of a query; empty when it is not one. */
  static Optional<Question> question(ByteBuffer query) {
    try {
      int id = query.getShort() & 0xffff;
      int flags = query.getShort() & 0xffff;
      int questions = query.getShort();
      query.position(query.position() + 4);
      boolean isExtended = query.getShort() > 0;
      var name = new StringBuilder();
      for (int length = query.get(); length > 0; length = query.get()) {
        byte[] label = new byte[length];
        query.get(label);
        name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.ISO_8859_1));
      }
      int type = query.getShort() & 0xffff;
      boolean isQuery = questions == 1 && (flags & FLAG_RESPONSE) == 0;
      return isQuery
          ? Optional.of(new Question(id, name.toString().toLowerCase(Locale.ROOT), type, flags, isExtended))
          : Optional.empty();
    } catch (BufferUnderflowException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Writes a response to {@code question}. */
  static byte[] encode(Question question, Response response) {
    var octets = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(octets)) {
      out.writeShort(question.id());
      out.writeShort(FLAG_RESPONSE | FLAG_AUTHORITATIVE | FLAG_RECURSION_AVAILABLE
          | (question.flags() & FLAG_RECURSION_DESIRED) | (response.isTruncated() ? FLAG_TRUNCATED : 0)
          | response.rcode());
      out.writeShort(1);
      out.writeShort(response.answers().size());
      out.writeShort(response.authority().size());
      out.writeShort(0);
      writeName(out, question.name());
      out.writeShort(question.type());
      out.writeShort(CLASS_IN);
      for (Rr record : response.answers()) {
        write(out, record);
      }
      for (Rr record : response.authority()) {
        write(out, record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return octets.toByteArray();
  }

  private static void write(DataOutputStream out, Rr record) throws IOException {
    byte[] data = data(record);
    writeName(out, record.name());
    out.writeShort(typeNumber(record.type()));
    out.writeShort(CLASS_IN);
    out.writeInt((int) record.ttl());
    out.writeShort(data.length);
    out.write(data);
  }

  private static byte[] data(Rr record) throws IOException {
    var octets = new ByteArrayOutputStream();
    var out = new DataOutputStream(octets);
    String[] fields = record.value().split(" +", -1);
    switch (record.type()) {
      case "A" -> out.write(InetAddress.ofLiteral(record.value()).getAddress());
      case "AAAA" -> {
        byte[] address = InetAddress.ofLiteral(record.value()).getAddress();
        if (address.length == 4) { // which is what the JDK makes of ::ffff:192.0.2.1
          out.writeLong(0);
          out.writeInt(0xffff);
        }
        out.write(address);
      }
      case "MX" -> {
        out.writeShort(Integer.parseInt(fields[0]));
        writeName(out, fields[1]);
      }
      case "SOA" -> {
        writeName(out, fields[0]);
        writeName(out, fields[1]);
        for (int i = 2; i < 7; i++) {
          out.writeInt(Integer.parseInt(fields[i]));
        }
      }
      case "TXT" -> writeText(out, record.value());
      default -> writeName(out, record.value());
    }
    return octets.toByteArray();
  }

  private static void writeText(DataOutputStream out, String value) throws IOException {
    byte[] text = value.replaceAll("^\"|\"$", "").getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from == 0 || from < text.length; from += 255) {
      int length = Math.min(255, text.length - from);
      out.writeByte(length);
      out.write(text, from, length);
    }
  }

  private static void writeName(DataOutputStream out, String name) throws IOException {
    for (String label : name.split("\\.", -1)) {
      if (!label.isEmpty()) {
        byte[] octets = label.getBytes(StandardCharsets.ISO_8859_1);
        out.writeByte(octets.length);
        out.write(octets);
      }
    }
    out.writeByte(0);
  }

  private static int typeNumber(String type) {
    return Optional.ofNullable(TYPES.get(type))
        .orElseThrow(() -> new IllegalArgumentException("no such record type: " + type));
  }
}
