/**
 * Where mail for a domain goes, asked of the DNS: mail hosts, their addresses, and names of addresses.
 *
 * <p>Every look-up has a sealed result; "no such domain" is an answer, not an exception. RFC 5321 §5, RFC 7505.
 */
@NullMarked
package org.posthorn.dns;

import org.jspecify.annotations.NullMarked;
