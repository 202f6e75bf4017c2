/** What crosses the wire: JSON read by tokens, durations, problems, and the bounds of all of them. */
@NullMarked
package io.penstock.server.wire;

import org.jspecify.annotations.NullMarked;
