package org.posthorn.daemon.auth.ldap;

import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands for parts of a login in a name or a filter. */
final class LdapPlaceholders {
  private static final Pattern WORD = Pattern.compile("\\{(login|user|domain)}");

  private LdapPlaceholders() {}

  static String fill(String template, UnaryOperator<String> value) {
    return WORD.matcher(template).replaceAll(found -> Matcher.quoteReplacement(value.apply(found.group(1))));
  }
}
