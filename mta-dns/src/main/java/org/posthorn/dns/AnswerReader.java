package org.posthorn.dns;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Reads the answer to a question out of a DNS message with response code NOERROR or NXDOMAIN. */
final class AnswerReader {
  /** The longest chain of CNAMEs that is followed. */
  static final int MAX_CHAIN = 10;

  private final Question question;
  private final Message message;
  private Duration ttl = Duration.ofSeconds(Integer.MAX_VALUE);

  private AnswerReader(Question question, Message message) {
    this.question = question;
    this.message = message;
  }

  /** Reads {@code message}. Only records of the name asked for, or of what that is an alias of, count. */
  static Answer read(Question question, Message message) {
    return new AnswerReader(question, message).read();
  }

  private Answer read() {
    Set<Name> seen = new HashSet<>();
    Name at = question.name();
    while (seen.add(at) && seen.size() <= MAX_CHAIN) {
      List<Record> found = answers(at, question.type());
      if (!found.isEmpty()) {
        found.forEach(this::limitTtl);
        return new Answer.Records(found, ttl);
      }
      Optional<CNAMERecord> alias = alias(at);
      if (alias.isEmpty()) {
        return absent(at);
      }
      limitTtl(alias.get());
      at = alias.get().getTarget();
    }
    return tooLong(question);
  }

  /** Returns the answer to a question that aliases lead away from for too long. */
  static Answer tooLong(Question question) {
    return new Answer.Failure("CNAME loop or chain longer than " + MAX_CHAIN + " for " + question);
  }

  private List<Record> answers(Name name, int type) {
    return message.getSection(Section.ANSWER)
        .stream()
        .filter(record -> record.getType() == type && record.getName().equals(name))
        .toList();
  }

  private Optional<CNAMERecord> alias(Name name) {
    return message.getSection(Section.ANSWER)
        .stream()
        .filter(record -> record.getName().equals(name))
        .filter(CNAMERecord.class::isInstance)
        .map(CNAMERecord.class::cast)
        .findFirst();
  }

  /** The response code is about the end of the chain (RFC 6604 §3); how long it holds, the SOA says (RFC 2308 §5). */
  private Answer absent(Name end) {
    Optional<SOARecord> authority = message.getSection(Section.AUTHORITY)
        .stream()
        .filter(SOARecord.class::isInstance)
        .map(SOARecord.class::cast)
        .findFirst();
    boolean isThere = message.getRcode() == Rcode.NOERROR;
    if (isThere && authority.isEmpty() && !end.equals(question.name())) {
      return new Answer.Alias(end, ttl);
    }
    if (isThere && authority.isEmpty() && isReferral()) {
      return new Answer.Failure("referred to other servers for " + question);
    }
    authority.ifPresent(this::limitTtl);
    Duration negative = authority.map(soa -> shorter(ttl, Duration.ofSeconds(soa.getMinimum()))).orElse(Duration.ZERO);
    return isThere ? new Answer.NoData(negative) : new Answer.NoSuchName(negative);
  }

  /** A server that names others instead of asking them says nothing of what there is (RFC 2308 §2.2). */
  private boolean isReferral() {
    return message.getSection(Section.AUTHORITY).stream().anyMatch(record -> record.getType() == Type.NS);
  }

  private void limitTtl(Record record) {
    ttl = shorter(ttl, Duration.ofSeconds(record.getTTL()));
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
