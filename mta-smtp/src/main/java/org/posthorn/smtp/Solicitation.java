package org.posthorn.smtp;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Solicitation class keywords, such as {@code net.example:ADV}: what a message is, or what somebody does not want (RFC 3865 §2.2). */
public final class Solicitation {
  private static final int MAX_CHARS = 1000;
  private static final Pattern KEYWORD = Pattern.compile("[A-Za-z][A-Za-z0-9._:-]*");

  private Solicitation() {}

  /** Reads keywords with commas between them, at least one; empty when {@code text} is none, or longer than 1000 characters. */
  public static Optional<List<String>> parse(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    var keywords = List.of(text.split(",", -1));
    return keywords.stream().allMatch(keyword -> KEYWORD.matcher(keyword).matches())
        ? Optional.of(keywords)
        : Optional.empty();
  }

  /** Returns those of {@code keywords} that are among {@code unwanted}; in whatever case, for the domain in them has none. */
  public static List<String> matches(List<String> keywords, List<String> unwanted) {
    return keywords.stream().filter(keyword -> unwanted.stream().anyMatch(keyword::equalsIgnoreCase)).toList();
  }
}
