package org.posthorn.queue.dsn;

import org.posthorn.smtp.EnhancedStatus;

/**
 * What a status means to the person who sent the message, who knows nothing of mail servers.
 *
 * @param why what is the matter, as a sentence
 * @param advice what to do about it when the message has failed, as one or more sentences
 */
record Explanation(String why, String advice) {
  private static final String ASK_ADMINISTRATOR = "Try again later. If it happens again, show this message to those who "
      + "run your mail system.";
  private static final String ASK_RECIPIENT = "Reach the recipient in another way, and ask for help with this message.";

  /** What we did ourselves, such as an administrator who returns a message: no other system is to blame. */
  static final Explanation OURS = new Explanation("This mail system has given the message back.",
      "Our note below says why. If you did not expect it, ask those who run this mail system.");

  /** Explains {@code status} for a recipient at {@code domain} (RFC 3463 §3, and the IANA registry of its codes). */
  static Explanation of(EnhancedStatus status, String domain) {
    return switch (status.subject()) {
      case 1 -> address(status.detail(), domain);
      case 2 -> mailbox(status.detail());
      case 3 -> system(status.detail(), domain);
      case 4 -> network(status.detail(), domain);
      case 5 -> protocol(status.detail(), domain);
      case 6 -> content(status.detail(), domain);
      case 7 -> status.severity() == 4
          ? new Explanation(
              "The mail system of " + domain + " has put us off, as many do with senders they do not know yet.",
              ASK_RECIPIENT)
          : policy(status.detail(), domain);
      default -> new Explanation("The mail system of " + domain + " did not take the message.",
          "The answer below may say more. " + ASK_RECIPIENT);
    };
  }

  private static Explanation address(int detail, String domain) {
    return switch (detail) {
      case 2 -> new Explanation("There is no domain " + domain + ", or none that takes mail.",
          "Check the part of the address behind the @ for typing mistakes.");
      case 3 -> new Explanation("The mail system of " + domain + " cannot read this address.",
          "Check the address for typing mistakes and signs that do not belong there.");
      case 4 -> new Explanation("More than one person could be meant by this address.",
          "Ask the recipient for the full address.");
      case 6 -> new Explanation("This mailbox has moved, and the new address is not known.",
          "Ask the recipient for the new address.");
      case 7, 8 -> new Explanation("The mail system of " + domain + " does not accept your sender address.",
          "Check the sender address that is set in your mail program. If it is right, show this message to those who run "
              + "your mail system.");
      case 10 -> new Explanation("The domain " + domain + " says that it takes no mail at all.",
          "Check the part of the address behind the @, and ask the recipient for another address.");
      default -> new Explanation("There is no mailbox with this address at " + domain + ".",
          "Check the address for typing mistakes. If it is right, ask the recipient in another way whether it still exists.");
    };
  }

  private static Explanation mailbox(int detail) {
    return switch (detail) {
      case 1 -> new Explanation("This mailbox is switched off.", "Ask the recipient for another address.");
      case 2 -> new Explanation("The mailbox of the recipient is full.",
          "Tell the recipient in another way, and send the message again when there is room.");
      case 3 -> new Explanation("The message is larger than this mailbox allows.",
          "Send it without attachments or with smaller ones, or share large files in another way.");
      case 4 -> new Explanation("The mailing list behind this address does not work.",
          "Write to the owner of the list.");
      default -> new Explanation("The mailbox of the recipient cannot take the message.", ASK_RECIPIENT);
    };
  }

  private static Explanation system(int detail, String domain) {
    return switch (detail) {
      case 1 -> new Explanation("The mail system of " + domain + " could not store the message.",
          "Send the message again later.");
      case 3 -> new Explanation("You asked for something that the mail system of " + domain + " cannot do.",
          "Our note below says what. Send the message again without asking for it.");
      case 4 -> new Explanation("The message is larger than the mail system of " + domain + " allows.",
          "Send it without attachments or with smaller ones, or share large files in another way.");
      default -> new Explanation("The mail system of " + domain + " is out of order or takes no mail at present.",
          "Send the message again later. " + ASK_RECIPIENT);
    };
  }

  private static Explanation network(int detail, String domain) {
    return switch (detail) {
      case 1, 2 -> new Explanation("The mail system of " + domain + " could not be reached, or did not answer.",
          "Check the part of the address behind the @ for typing mistakes. If it is right, send the message again later.");
      case 3, 4 -> new Explanation("It could not be found out which server takes mail for " + domain + ".",
          "Check the part of the address behind the @ for typing mistakes. If it is right, send the message again later.");
      case 6 ->
        new Explanation("The message went in a circle between mail servers and was stopped.", ASK_ADMINISTRATOR);
      case 7 -> new Explanation("The message could not be handed to the mail system of " + domain + " in time.",
          "Send the message again later. " + ASK_RECIPIENT);
      default -> new Explanation("There was trouble on the way to the mail system of " + domain + ".",
          "Send the message again later.");
    };
  }

  private static Explanation protocol(int detail, String domain) {
    return switch (detail) {
      case 3 -> new Explanation("The message has more recipients than the mail system of " + domain + " allows.",
          "Send it to fewer people at a time.");
      default -> new Explanation("The mail servers did not understand each other.", ASK_ADMINISTRATOR);
    };
  }

  private static Explanation content(int detail, String domain) {
    return switch (detail) {
      case 3 -> new Explanation(
          "The mail system of " + domain + " cannot take a message of this form, and it could not be "
              + "brought into another form without breaking it.",
          "Send the message without a digital signature or encryption, or as plain text.");
      case 7, 9 -> new Explanation("The message needs addresses in international letters, which the mail system of "
          + domain + " cannot handle.", "Use addresses that consist of English letters only.");
      default -> new Explanation("The mail system of " + domain + " does not accept what the message contains.",
          "Send it without attachments, or as plain text.");
    };
  }

  private static Explanation policy(int detail, String domain) {
    return switch (detail) {
      case 10, 11 ->
        new Explanation("The mail system of " + domain + " did not offer a connection that is safe enough.",
            ASK_ADMINISTRATOR);
      case 20, 21, 22, 23, 24, 25, 26, 27, 29 -> new Explanation("The mail system of " + domain
          + " could not make sure that the message comes from you.", ASK_ADMINISTRATOR);
      default -> new Explanation(
          "The mail system of " + domain + " refused the message because of its rules, for example "
              + "because it takes it for unwanted mail.",
          "The answer below may say what to change. " + ASK_RECIPIENT);
    };
  }
}
