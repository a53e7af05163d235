/** What tests of several modules share: a settable clock, a scripted SMTP server, a fake DNS server, the test suites. */
@NullMarked
package org.posthorn.testkit;

import org.jspecify.annotations.NullMarked;
