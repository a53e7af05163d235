/** 8-bit mail for a next hop that takes 7-bit mail only (RFC 6152 §3). */
@NullMarked
package org.posthorn.delivery.sevenbit;

import org.jspecify.annotations.NullMarked;
