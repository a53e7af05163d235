package org.posthorn.daemon.auth.token;

/**
 * Which tokens count.
 *
 * @param keys the path of a file with a JSON Web Key Set (RFC 7517 §5), or its {@code https:} address
 * @param issuer what {@code iss} must be
 * @param audience what {@code aud} must be or contain
 * @param loginClaim the claim that has the login; default {@code email}
 */
public record TokenSettings(String keys, String issuer, String audience, String loginClaim) {}
