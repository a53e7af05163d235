/**
 * How messages leave: the router, the SMTP and LMTP client, mailboxes, and the policy that says what a failure means.
 *
 * <p>Straight-line blocking code on virtual threads. The one way in is the class {@code RoutedDelivery}.
 */
@NullMarked
package org.posthorn.delivery;

import org.jspecify.annotations.NullMarked;
