package org.posthorn.queue;

import java.util.List;

/**
 * One attempt: these recipients of one message, all at one destination, in one transaction.
 *
 * @param message the message
 * @param recipients whom to try, at least 1, at most 100
 * @param destination where all of them are
 * @param content what to send
 */
public record DeliveryTask(QueuedMessage message, List<RecipientNumber> recipients, Destination destination,
    MessageContent content) {
  public DeliveryTask {
    recipients = List.copyOf(recipients);
  }
}
