/** Programs that measure the queue; no tests. {@code bench/million} runs them. */
@NullMarked
package org.posthorn.queue.bench;

import org.jspecify.annotations.NullMarked;
