package org.posthorn.daemon.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Optional;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.smtp.ClientAttributes.Name;
import org.posthorn.smtp.ClientAttributes;

/** What is known of a client for what it, or a server in front of us, has said; told a second time. */
final class ModelClient {
  private final Terms terms;
  private InetAddress address;
  private Optional<String> name = Optional.empty();
  private boolean isTrusted;
  private boolean isFrontEnd;
  private boolean isEncrypted;
  private Optional<String> login = Optional.empty();
  private boolean isVouchedFor;

  ModelClient(Terms terms, Client client) {
    this.terms = terms;
    address = client.address();
    isTrusted = client.isTrustedForAddress();
    isFrontEnd = FuzzedListener.FRONT_ENDS.contains(address) && !client.isUnknown();
    isEncrypted = terms.tls() == Tls.IMPLICIT;
  }

  boolean isFrontEnd() {
    return isFrontEnd;
  }

  boolean isEncrypted() {
    return isEncrypted;
  }

  Optional<String> login() {
    return login;
  }

  boolean isAlice() {
    return login.equals(Optional.of("alice@example.org"));
  }

  boolean mayRelay() {
    return isTrusted || login.isPresent();
  }

  boolean isSubmission() {
    return terms.kind() == Kind.SUBMISSION || terms.kind() == Kind.SUBMISSIONS;
  }

  boolean offersTls() {
    return terms.hasStartTls() && !isEncrypted;
  }

  boolean hasAuth() {
    return terms.tls() != Tls.REQUIRED || isEncrypted;
  }

  /** Throws AssertionError unless {@code reply} to {@code hello} names what this client may use now, and nothing else. */
  void assertAnnounced(Heard reply, Hello hello) {
    var keywords = reply.lines().stream().skip(1).map(line -> line.split(" ", 2)[0]).toList();
    boolean isOdmr = terms.kind() == Kind.ODMR;
    var expected = new LinkedHashMap<String, Boolean>();
    expected.put("STARTTLS", offersTls());
    expected.put("AUTH", hasAuth() && login.isEmpty());
    expected.put("XCLIENT", isFrontEnd && !isOdmr);
    expected.put("XFORWARD", isFrontEnd && !isOdmr);
    expected.put("REQUIRETLS", isEncrypted && !isOdmr);
    expected.put("ATRN", isOdmr);
    expected.put("BURL", isSubmission());
    expected.put("FUTURERELEASE", isSubmission());
    expected.put("CHECKPOINT", !terms.isLmtp() && !isOdmr);
    expected.forEach((keyword, isOffered) -> assertThat(keywords.contains(keyword)).as("%s in %s", keyword, keywords)
        .isEqualTo(isOffered && hello.extended()));
  }

  /** It has shown the right password. */
  void authenticated() {
    login = Optional.of("alice@example.org");
    isVouchedFor = false;
  }

  /** What it said in clear counts no more (RFC 3207 §4.2). */
  void encrypted() {
    isEncrypted = true;
    login = Optional.empty();
  }

  /** Somebody else is there from now on. */
  void become(ClientAttributes said) {
    if (said.has(Name.ADDR)) {
      address = said.address().orElse(InetAddress.ofLiteral("0.0.0.0"));
      isTrusted = FuzzedListener.TRUSTED.contains(address);
      isFrontEnd = FuzzedListener.FRONT_ENDS.contains(address);
      name = Optional.empty();
    }
    name = said.has(Name.NAME) ? said.value(Name.NAME) : name;
    login = said.has(Name.LOGIN) ? said.value(Name.LOGIN) : login.filter(_ -> isVouchedFor);
    isVouchedFor = true;
  }

  /** Returns what has to be done before mail, whatever else was said. */
  Optional<String> obstacle() {
    if (terms.tls() == Tls.REQUIRED && !isEncrypted) {
      return Optional.of("530 5.7.0 Send STARTTLS first");
    }
    if (terms.kind() == Kind.ODMR) {
      return Optional.of("502 5.5.1 Only waiting.*");
    }
    return isSubmission() && login.isEmpty() ? Optional.of("530 5.7.0 Authentication required") : Optional.empty();
  }

  @Override
  public String toString() {
    return name.orElse("unknown") + "[" + address.getHostAddress() + "]";
  }
}
