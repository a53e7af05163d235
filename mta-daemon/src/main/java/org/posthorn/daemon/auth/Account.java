package org.posthorn.daemon.auth;

import java.util.List;
import org.posthorn.daemon.quota.SendingLimits;

/**
 * One who may log in.
 *
 * @param login the name, prepared by SASLprep and in lower case
 * @param secrets what passwords are checked against; more than one when mechanisms need different ones; may be empty
 * @param certificates SHA-256 fingerprints of client certificates that prove this login, 64 lower-case hexadecimal digits
 * @param addresses what the user may send as; empty for the login's own address
 * @param actAs logins that this one may act as; {@code *} for any
 * @param limits how much the user may send, in place of what all users may
 * @param enabled whether logging in is possible at all
 */
public record Account(String login, List<Secret> secrets, List<String> certificates, List<AddressPattern> addresses,
    List<String> actAs, SendingLimits limits, boolean enabled) {
  public Account {
    secrets = List.copyOf(secrets);
    certificates = List.copyOf(certificates);
    addresses = List.copyOf(addresses);
    actAs = List.copyOf(actAs);
  }

  /** Returns the account of one who is known elsewhere, and here by name only. */
  public static Account named(String login) {
    return new Account(login, List.of(), List.of(), List.of(), List.of(), SendingLimits.NONE, true);
  }

  /** Returns this account with other secrets. */
  public Account withSecrets(List<Secret> others) {
    return new Account(login, others, certificates, addresses, actAs, limits, enabled);
  }

  /** Returns this account, enabled or not. */
  public Account withEnabled(boolean isEnabled) {
    return new Account(login, secrets, certificates, addresses, actAs, limits, isEnabled);
  }

  /** Whether this login may act as {@code other}. */
  public boolean mayActAs(String other) {
    return other.equals(login) || actAs.contains("*") || actAs.contains(other);
  }

  /** Shows the name, and nothing that is secret. */
  @Override
  public String toString() {
    return login;
  }
}
