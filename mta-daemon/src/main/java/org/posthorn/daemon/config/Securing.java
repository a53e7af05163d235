package org.posthorn.daemon.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.posthorn.daemon.inbound.ListenerSettings.Kind;
import org.posthorn.daemon.inbound.ListenerSettings.Terms;
import org.posthorn.daemon.inbound.ListenerSettings.Tls;
import org.posthorn.daemon.inbound.TrustedCertificates;
import org.posthorn.daemon.tls.CertificateFiles;
import org.posthorn.daemon.tls.Ciphers;
import org.posthorn.daemon.tls.CredentialException;
import org.posthorn.daemon.tls.TlsSettings;
import org.posthorn.daemon.tls.TlsSettings.Version;
import org.posthorn.smtp.Domain;

/** Reads how connections are encrypted: {@code tls}, and what {@code listener} and {@code relay} say of it. */
final class Securing {
  private static final Duration LONGEST_WARNING = Duration.ofDays(365);

  private final Path base;

  /** Relative paths start at {@code base}. */
  Securing(Path base) {
    this.base = base;
  }

  /** Reads whom a listener is for and how it is encrypted. */
  Terms terms(Section listener) {
    Kind kind = listener.choice("kind", Kind.MX);
    Optional<Tls> tls = listener.optional("tls", names(Tls.values()),
        text -> Stream.of(Tls.values()).filter(one -> name(one).equals(text)).findFirst());
    if (kind.requiresAuthentication() && tls.isPresent() && tls.get() == Tls.NONE) {
      listener.reject("tls", "cannot be \"none\" where people authenticate: their passwords would be read on the way");
    }
    if (kind == Kind.SUBMISSIONS && tls.isPresent() && tls.get() != Tls.IMPLICIT) {
      listener.reject("tls", "is always \"implicit\" for \"submissions\"; \"submission\" is the kind with STARTTLS");
    }
    return new Terms(kind, tls.orElse(kind.usualTls()), Values.networks(listener, "proxy-networks"));
  }

  /** Reads which certificates make a client trusted. */
  TrustedCertificates trusted(Section relay) {
    List<String> fingerprints = relay.list("trusted-certificates", List.of(),
        "the SHA-256 fingerprint of a certificate or of a public key: 64 hexadecimal digits, with or without colons",
        Securing::fingerprint);
    var authorities = relay.optional("trusted-authorities-file", "a file", text -> Values.path(base, text));
    try {
      return new TrustedCertificates(Set.copyOf(fingerprints),
          authorities.isPresent() ? CertificateFiles.certificates(authorities.get()) : List.of());
    } catch (CredentialException e) {
      relay.reject("trusted-authorities-file", "cannot be used: " + e.getMessage());
      return TrustedCertificates.NONE;
    }
  }

  /** Reads the table {@code tls}. The files themselves are not looked at: not everyone who reads the settings may. */
  TlsSettings tls(Section section, Domain hostname, Path data) {
    var certificates = new ArrayList<CertificateFiles>();
    for (var table : section.tables("certificate")) {
      certificate(table).ifPresent(certificates::add);
    }
    var settings = new TlsSettings(hostname, certificates, data.resolve("tls/self-signed.pem"),
        section.parsed("min-version", Version.TLS_1_2, names(Version.values()),
            text -> Stream.of(Version.values()).filter(version -> version.toString().equals(text)).findFirst()),
        section.list("ciphers", List.of(), "a cipher suite by its registered name, such as \"TLS_AES_128_GCM_SHA256\"",
            text -> Optional.of(text).filter(Ciphers::isKnown)),
        section.duration("expiry-warning", TlsSettings.USUAL_WARNING, Duration.ZERO, LONGEST_WARNING));
    section.finish();
    return settings;
  }

  private Optional<CertificateFiles> certificate(Section table) {
    var chain = table.optional("chain-file", "a file", text -> Values.path(base, text));
    var key = table.optional("key-file", "a file", text -> Values.path(base, text));
    if (!table.has("chain-file")) {
      table.reject("chain-file", "must be set: the certificate, and those that lead to an authority");
    }
    table.finish();
    return chain.map(file -> new CertificateFiles(file, key.orElse(file)));
  }

  private static Optional<String> fingerprint(String text) {
    return Optional.of(text.replace(":", "").toLowerCase(Locale.ROOT)).filter(hex -> hex.matches("[0-9a-f]{64}"));
  }

  private static String names(Object[] values) {
    return Stream.of(values).map(value -> "\"" + name(value) + "\"").collect(Collectors.joining(" or "));
  }

  private static String name(Object value) {
    return value.toString().toLowerCase(Locale.ROOT);
  }
}
