package org.posthorn.daemon.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.posthorn.daemon.cli.SubmittedFile.End;

/**
 * What sendmail was asked to do. Its options are older than any convention: a value follows its letter directly or as the
 * next argument, letters without value may share a hyphen ({@code -ti}), and most of what sendmail once knew is accepted
 * and means nothing here, as with Postfix.
 *
 * @param mode what to do
 * @param end what ends the message
 * @param takesHeader whether recipients are taken from the header ({@code -t})
 * @param isVerbose whether the dialogue is shown ({@code -v})
 * @param from the sender, if given ({@code -f}, {@code -r})
 * @param fullName the sender's name ({@code -F})
 * @param notifyOn the DSN parameter NOTIFY ({@code -N})
 * @param ret the DSN parameter RET ({@code -R})
 * @param envelopeId the DSN parameter ENVID ({@code -V})
 * @param recipients named as arguments
 */
record SendmailOptions(Mode mode, End end, boolean takesHeader, boolean isVerbose, Optional<String> from,
    String fullName, Optional<String> notifyOn, Optional<String> ret, Optional<String> envelopeId,
    List<String> recipients) {
  /** What sendmail does. */
  enum Mode {
    /** Submits the message on standard input. */
    SUBMIT,
    /** Speaks SMTP on standard input and output ({@code -bs}). */
    SMTP,
    /** Lists the queue ({@code -bp}). */
    LIST,
    /** Tries all that waits ({@code -q}). */
    RETRY,
    /** Reads the aliases again ({@code -bi}). */
    ALIASES
  }

  private static final String WITHOUT_VALUE = "intvGUm";
  private static final String WITH_VALUE = "BCFfrhLNOoRVXbpDdMq";

  SendmailOptions {
    recipients = List.copyOf(recipients);
  }

  /** Reads arguments; throws {@link Failure} for what is not supported. */
  static SendmailOptions parse(List<String> arguments) {
    return new Reader(arguments).read();
  }

  /** Goes through the arguments once. */
  private static final class Reader {
    private final List<String> arguments;
    private int next;

    private Mode mode = Mode.SUBMIT;
    private End end = End.AT_LONE_DOT;
    private boolean takesHeader;
    private boolean isVerbose;
    private Optional<String> from = Optional.empty();
    private String fullName = "";
    private Optional<String> notifyOn = Optional.empty();
    private Optional<String> ret = Optional.empty();
    private Optional<String> envelopeId = Optional.empty();
    private final List<String> recipients = new ArrayList<>();

    Reader(List<String> arguments) {
      this.arguments = arguments;
    }

    SendmailOptions read() {
      while (next < arguments.size()) {
        String argument = arguments.get(next++);
        if (argument.equals("--")) {
          recipients.addAll(arguments.subList(next, arguments.size()));
          next = arguments.size();
        } else if (argument.startsWith("-") && argument.length() > 1) {
          options(argument);
        } else {
          recipients.add(argument);
        }
      }
      return new SendmailOptions(mode, end, takesHeader, isVerbose, from, fullName, notifyOn, ret, envelopeId,
          recipients);
    }

    private void options(String argument) {
      for (int i = 1; i < argument.length(); i++) {
        char letter = argument.charAt(i);
        if (WITHOUT_VALUE.indexOf(letter) >= 0) {
          flag(letter);
        } else if (WITH_VALUE.indexOf(letter) >= 0) {
          value(letter, argument.substring(i + 1));
          return;
        } else {
          throw Failure.usage("sendmail does not know " + (letter == '-' ? argument : "-" + letter) + " here");
        }
      }
    }

    private void flag(char letter) {
      switch (letter) {
        case 'i' -> end = End.OF_INPUT;
        case 't' -> takesHeader = true;
        case 'v' -> isVerbose = true;
        default -> {
        } // -n, -m, -G, -U: nothing to do differently
      }
    }

    private void value(char letter, String attached) {
      switch (letter) {
        case 'b' -> mode(attached);
        case 'q' -> retry(attached);
        case 'o' -> oldOption(attached.isEmpty() ? following(letter) : attached);
        case 'f', 'r' -> from = Optional.of(withoutBrackets(attached.isEmpty() ? following(letter) : attached));
        case 'F' -> fullName = attached.isEmpty() ? following(letter) : attached;
        case 'N' -> notifyOn = Optional.of(attached.isEmpty() ? following(letter) : attached);
        case 'R' -> ret = Optional.of(attached.isEmpty() ? following(letter) : attached);
        case 'V' -> envelopeId = Optional.of(attached.isEmpty() ? following(letter) : attached);
        default -> { // -B, -C, -h, -L, -O, -X, -p, -D, -d, -M: their values mean nothing here
          if (attached.isEmpty() && letter != 'd') {
            following(letter);
          }
        }
      }
    }

    private void mode(String letter) {
      mode = switch (letter) {
        case "m" -> Mode.SUBMIT;
        case "s" -> Mode.SMTP;
        case "p" -> Mode.LIST;
        case "i" -> Mode.ALIASES;
        case "d", "D" -> throw Failure.usage("the daemon is started by \"posthorn run\", not by sendmail -b" + letter);
        default -> throw Failure.usage("sendmail does not know -b" + letter + " here");
      };
    }

    private void retry(String interval) {
      if (!interval.isEmpty()) {
        throw Failure.usage("the daemon tries its queue by itself; sendmail -q takes no interval and no pattern");
      }
      mode = Mode.RETRY;
    }

    /** {@code -oi} is {@code -i}; all else, such as {@code -oem} and {@code -odb}, changes nothing. */
    private void oldOption(String option) {
      if (option.equals("i")) {
        end = End.OF_INPUT;
      }
    }

    private String following(char letter) {
      if (next >= arguments.size()) {
        throw Failure.usage("sendmail -" + letter + " needs a value");
      }
      return arguments.get(next++);
    }

    private static String withoutBrackets(String address) {
      return address.startsWith("<") && address.endsWith(">") ? address.substring(1, address.length() - 1) : address;
    }
  }
}
