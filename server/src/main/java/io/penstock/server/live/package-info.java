/** What changes, told to those who look: one snapshot an interval for all of them. */
@NullMarked
package io.penstock.server.live;

import org.jspecify.annotations.NullMarked;
