package org.posthorn.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.posthorn.daemon.config.Configuration;
import org.posthorn.daemon.config.ConfigurationReader;
import org.posthorn.daemon.config.Environment;
import org.posthorn.delivery.Visits;
import org.posthorn.delivery.tls.TlsCounters;
import org.posthorn.dns.DnsjavaResolver;
import org.posthorn.queue.DeliveryTask;
import org.posthorn.queue.Envelope;
import org.posthorn.queue.MessageContent;
import org.posthorn.queue.Outcome;
import org.posthorn.queue.QueueId;
import org.posthorn.queue.QueuedMessage;
import org.posthorn.queue.Recipient;
import org.posthorn.queue.RecipientNumber;
import org.posthorn.smtp.BodyType;
import org.posthorn.smtp.Domain;
import org.posthorn.smtp.Mailbox;
import org.posthorn.smtp.ReversePath;

class CurrentDeliveryTest {
  private static final byte[] CONTENT = "Subject: x\r\n\r\ny\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-22T08:00:00Z"));

  @TempDir
  private Path directory;

  @Test
  void aLaneThatIsOpenDeliversToAUserWhoWasAddedMeanwhile() throws Exception {
    var delivery = new CurrentDelivery(outbound("\"alice\""));
    var task = taskFor("bob@example.org", delivery);
    try (var lane = delivery.open(task.destination())) {
      assertThat(lane.deliver(task).outcomes().values()).singleElement().isInstanceOf(Outcome.Failed.class);
      delivery.use(outbound("\"alice\", \"bob\""));
      assertThat(lane.deliver(task).outcomes().values()).singleElement().isInstanceOf(Outcome.Delivered.class);
    }
    delivery.outbound().retire();
  }

  /** Its connection has time limits as long as there are lanes to use it, whatever is reloaded. */
  @Test
  void aVisitKeepsItsSettingsUntilItIsOver() throws Exception {
    var delivery = new CurrentDelivery(outbound("\"alice\""));
    var destination = delivery.destinationOf(Mailbox.of("bob@example.org"));
    var visit = delivery.hold();
    delivery.use(outbound("\"bob\""));
    assertThat(visit.open(destination)).as("retired for others").isEmpty();
    assertThat(visit.isOver()).isFalse();
    visit.release();
    assertThat(visit.isOver()).isTrue();
    delivery.outbound().retire();
  }

  private Outbound outbound(String users) throws Exception {
    var settings = read("""
                        hostname = "mail.example.org"
                        data-directory = "data"
                        [local]
                        domains = ["example.org"]
                        users = [%s]
                        maildir = "mail/{user}"
                        """.formatted(users));
    var random = new Random(1);
    return new Outbound(settings, new DnsjavaResolver(settings.dns(), CLOCK, random), new TlsCounters(),
        new Visits(CLOCK),
        CLOCK, random);
  }

  private Configuration read(String text) throws Exception {
    var file = Files.writeString(directory.resolve("posthorn.toml"), text);
    return new ConfigurationReader(new Environment(Domain.of("box.example.net"), "alice", Set.of(), directory))
        .read(file);
  }

  private static DeliveryTask taskFor(String address, CurrentDelivery delivery) {
    var recipient = Mailbox.of(address);
    var envelope = new Envelope(ReversePath.NULL, List.of(Recipient.of(recipient)), BodyType.SEVEN_BIT, false, "local");
    var message = new QueuedMessage(new QueueId("0000000000000001"), CLOCK.instant(), envelope, CONTENT.length);
    return new DeliveryTask(message, List.of(new RecipientNumber(0)), delivery.destinationOf(recipient),
        new MessageContent() {
          @Override
          public long size() {
            return CONTENT.length;
          }

          @Override
          public InputStream open() {
            return new ByteArrayInputStream(CONTENT);
          }
        });
  }
}
