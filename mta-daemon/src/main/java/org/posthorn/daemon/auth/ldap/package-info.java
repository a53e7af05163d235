/** Asks an LDAP directory about passwords, with the UnboundID SDK, which is named only here and may be missing. */
@NullMarked
package org.posthorn.daemon.auth.ldap;

import org.jspecify.annotations.NullMarked;
