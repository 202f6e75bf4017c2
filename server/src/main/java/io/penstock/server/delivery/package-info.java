/** The job type {@code http}: posts to allowed addresses and nowhere else. */
@NullMarked
package io.penstock.server.delivery;

import org.jspecify.annotations.NullMarked;
