package org.posthorn.daemon.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of a certificate, in PEM, as ACME tools write them.
 *
 * @param chain the certificate and those that lead to an authority, in this order
 * @param key its key: PKCS#8, or the older forms for RSA and EC; may be the same file
 */
public record CertificateFiles(Path chain, Path key) {
  private static final int MAX_BYTES = 1 << 20;

  /** Reads them; throws CredentialException that names the file and says what is wrong. */
  Credential read() throws CredentialException {
    var certificates = certificates(chain);
    PrivateKey privateKey = key(certificates.getFirst().getPublicKey());
    var credential = new Credential(certificates, privateKey, chain.toString());
    credential.requireOwnKey();
    return credential;
  }

  /**
   * Returns who may use the key that should not; empty when all is well, or the file system does not tell. That a group may
   * read it is how a daemon gets at it that is not root.
   */
  Optional<String> exposure() {
    try {
      var allowed = Files.getPosixFilePermissions(key);
      if (allowed.contains(PosixFilePermission.OTHERS_READ) || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
        return Optional.of("has a key that everybody on this machine may use: chmod o= " + key);
      }
      return allowed.contains(PosixFilePermission.GROUP_WRITE)
          ? Optional.of("has a key that its group may change: chmod g-w " + key)
          : Optional.empty();
    } catch (IOException | UnsupportedOperationException _) {
      return Optional.empty();
    }
  }

  /** Returns what changes whenever the files do. */
  String state() throws CredentialException {
    return Fingerprint.sha256((text(chain) + text(key)).getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Reads all certificates of a file, at least one. */
  public static List<X509Certificate> certificates(Path file) throws CredentialException {
    var certificates = new ArrayList<X509Certificate>();
    for (var block : blocks(file)) {
      if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
        certificates.add(certificate(file, block.content()));
      }
    }
    if (certificates.isEmpty()) {
      throw new CredentialException(file + ": holds no certificate in PEM (-----BEGIN CERTIFICATE-----)");
    }
    return certificates;
  }

  private static X509Certificate certificate(Path file, byte[] content) throws CredentialException {
    try {
      return (X509Certificate) CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(content));
    } catch (CertificateException e) {
      throw new CredentialException(file + ": a certificate cannot be read: " + e.getMessage(), e);
    }
  }

  private PrivateKey key(PublicKey of) throws CredentialException {
    for (var block : blocks(key)) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return decoded(of, block.content());
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
          return decoded(of, wrapped(of, block.content()));
        }
        default -> {
          // a certificate, or the parameters of a curve
        }
      }
    }
    throw new CredentialException(key + ": holds no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  }

  /** The older forms lack what kind of key they are (RFC 5958 §2), which the certificate says. */
  private static byte[] wrapped(PublicKey of, byte[] bare) {
    return Der.sequence(Der.integer(BigInteger.ZERO), Der.firstOf(of.getEncoded()), Der.octets(bare));
  }

  private PrivateKey decoded(PublicKey of, byte[] pkcs8) throws CredentialException {
    try {
      return KeyFactory.getInstance(of.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    } catch (GeneralSecurityException e) {
      throw new CredentialException(key + ": is no " + of.getAlgorithm() + " key, as the certificate in " + chain
          + " needs", e);
    }
  }

  private static List<Pem.Block> blocks(Path file) throws CredentialException {
    try {
      return Pem.read(text(file));
    } catch (IllegalArgumentException e) {
      throw new CredentialException(file + ": " + e.getMessage(), e);
    }
  }

  private static String text(Path file) throws CredentialException {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new CredentialException(file + ": is too large for certificates and keys");
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new CredentialException(file + ": cannot be read: there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new CredentialException(file + ": cannot be read: permission denied", e);
    } catch (IOException e) {
      throw new CredentialException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
