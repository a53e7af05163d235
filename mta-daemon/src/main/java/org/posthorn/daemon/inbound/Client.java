package org.posthorn.daemon.inbound;

import java.net.InetAddress;
import java.util.Optional;
import org.posthorn.daemon.auth.Identity;
import org.posthorn.smtp.AddressLiteral;
import org.posthorn.smtp.ClientAttributes;
import org.posthorn.smtp.Domain;

/**
 * The other end of a session. Its name in the DNS is looked up while it talks, and nobody waits for it. Safe for use by
 * many threads.
 */
public final class Client {
  private final InetAddress address;
  private final boolean trusted;
  private final boolean isUnknown;
  private volatile Optional<Domain> name = Optional.empty();
  private volatile Optional<Encryption> encryption = Optional.empty();
  private volatile Optional<Identity> identity = Optional.empty();
  private volatile ClientAttributes forwarded = ClientAttributes.NONE;
  private volatile boolean hasTrustedCertificate;
  private volatile boolean isNameDeclared;

  /** Describes the client at {@code address}; {@code trusted} when it may send to everyone for that. */
  public Client(InetAddress address, boolean trusted) {
    this(address, trusted, false);
  }

  private Client(InetAddress address, boolean trusted, boolean isUnknown) {
    this.address = address;
    this.trusted = trusted;
    this.isUnknown = isUnknown;
  }

  /** Describes a proxy at {@code address}, which nobody serves: its name is not looked up. */
  public static Client proxy(InetAddress address) {
    var proxy = new Client(address, true);
    proxy.declareName(Optional.empty());
    return proxy;
  }

  /** Describes a client behind {@code proxy}, which does not say where it is: nothing is allowed to it for its address. */
  public static Client unknownBehind(InetAddress proxy) {
    return new Client(proxy, false, true);
  }

  /** Returns where it connected from. */
  public InetAddress address() {
    return address;
  }

  /** Whether the address is that of its proxy. */
  boolean isUnknown() {
    return isUnknown;
  }

  /** Whether it may send to everyone for where it is. */
  boolean isTrustedForAddress() {
    return trusted;
  }

  /** Whether it may send to everyone for where it is, or for its certificate. */
  public boolean isTrusted() {
    return trusted || hasTrustedCertificate;
  }

  /** Whether it has shown a certificate for which it is trusted. */
  public boolean hasTrustedCertificate() {
    return hasTrustedCertificate;
  }

  /** Sets the name that leads back to its address. */
  public void setName(Domain confirmed) {
    name = Optional.of(confirmed);
  }

  /** Sets the name that a proxy has for it, perhaps none: it is not looked up. */
  void declareName(Optional<Domain> declared) {
    name = declared;
    isNameDeclared = true;
  }

  /** Whether nobody has to look for its name. */
  public boolean isNameDeclared() {
    return isNameDeclared;
  }

  /** Sets what a server in front of us says of where the next message comes from. */
  void setForwarded(ClientAttributes said) {
    forwarded = said;
  }

  /** Returns what a server in front of us has said of where the next message comes from. */
  ClientAttributes forwarded() {
    return forwarded;
  }

  /** Returns the name that leads back to its address, if one is known by now. */
  public Optional<Domain> name() {
    return name;
  }

  /** Sets how its connection is encrypted from now on, and whether the certificate that it has shown is a trusted one. */
  void setEncryption(Encryption agreed, boolean isTrustedCertificate) {
    encryption = Optional.of(agreed);
    hasTrustedCertificate = isTrustedCertificate;
  }

  /** Returns how its connection is encrypted; empty when it is not. */
  public Optional<Encryption> encryption() {
    return encryption;
  }

  /** Whether its connection is encrypted. */
  public boolean isEncrypted() {
    return encryption.isPresent();
  }

  /** Sets who it has proved to be. */
  void setIdentity(Identity proved) {
    identity = Optional.of(proved);
  }

  /** Returns who it has proved to be by AUTH, if it has. */
  public Optional<Identity> identity() {
    return identity;
  }

  /** Forgets who it has proved to be, and what a server in front of us has said. */
  void forget() {
    identity = Optional.empty();
    forwarded = ClientAttributes.NONE;
  }

  /** Whether it may send to everyone, for where it is or who it is. */
  public boolean mayRelay() {
    return isTrusted() || identity.isPresent();
  }

  /** Returns name and address literal as {@code Received:} has them (RFC 5321 §4.4, TCP-info). */
  String tcpInfo() {
    return name.map(known -> known + " ").orElse("") + new AddressLiteral(address);
  }

  /** Returns {@code name[address]}, as the log shows it. */
  @Override
  public String toString() {
    return name.map(Domain::name).orElse("unknown") + new AddressLiteral(address).toString().replace("IPv6:", "");
  }
}
