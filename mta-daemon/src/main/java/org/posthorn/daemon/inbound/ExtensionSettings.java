package org.posthorn.daemon.inbound;

/**
 * What clients may ask for beyond having a message delivered.
 *
 * @param handling when and how urgently messages go
 * @param onDemand whose mail is sent when it is asked for
 * @param consent what the people behind the mailboxes have agreed to
 * @param burl where messages to submit may be fetched
 * @param checkpoint how much is kept of messages that break off
 */
public record ExtensionSettings(HandlingSettings handling, OnDemandSettings onDemand, ConsentSettings consent,
    BurlSettings burl, CheckpointSettings checkpoint) {
  /** The defaults. */
  public static final ExtensionSettings DEFAULT = new ExtensionSettings(HandlingSettings.DEFAULT,
      OnDemandSettings.DEFAULT, ConsentSettings.DEFAULT, BurlSettings.DEFAULT, CheckpointSettings.DEFAULT);

  /** Returns the same with other times and priorities. */
  public ExtensionSettings with(HandlingSettings other) {
    return new ExtensionSettings(other, onDemand, consent, burl, checkpoint);
  }

  /** Returns the same with other mail that may be asked for. */
  public ExtensionSettings with(OnDemandSettings other) {
    return new ExtensionSettings(handling, other, consent, burl, checkpoint);
  }

  /** Returns the same with other people. */
  public ExtensionSettings with(ConsentSettings other) {
    return new ExtensionSettings(handling, onDemand, other, burl, checkpoint);
  }

  /** Returns the same with other servers to fetch from. */
  public ExtensionSettings with(BurlSettings other) {
    return new ExtensionSettings(handling, onDemand, consent, other, checkpoint);
  }

  /** Returns the same, keeping another amount. */
  public ExtensionSettings with(CheckpointSettings other) {
    return new ExtensionSettings(handling, onDemand, consent, burl, other);
  }
}
