package org.posthorn.daemon.cli;

import java.util.List;
import org.posthorn.daemon.auth.Account;
import org.posthorn.daemon.auth.AddressPattern;
import org.posthorn.daemon.auth.Secret;

/** A user as the commands show one: without anything that is secret. */
record UserView(String login, boolean enabled, List<String> addresses, List<String> secrets, List<String> actAs,
    List<String> certificates) {
  static UserView of(Account account) {
    return new UserView(account.login(), account.enabled(),
        account.addresses().stream().map(AddressPattern::toString).toList(),
        account.secrets().stream().map(Secret::kind).toList(), account.actAs(), account.certificates());
  }

  /** Returns what the user may send as, for people. */
  String sendsAs() {
    return addresses.isEmpty() ? "(own)" : String.join(" ", addresses);
  }

  /** Returns how the user logs in, for people. */
  String provesBy() {
    return String.join(" ", secrets) + (certificates.isEmpty() ? "" : " certificate");
  }
}
