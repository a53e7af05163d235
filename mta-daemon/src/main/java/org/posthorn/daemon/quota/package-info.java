/**
 * How much who sends through us may send: limits by the hour and the day, for users and for trusted clients, counted over
 * restarts.
 */
@NullMarked
package org.posthorn.daemon.quota;

import org.jspecify.annotations.NullMarked;
