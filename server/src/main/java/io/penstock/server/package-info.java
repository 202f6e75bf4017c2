/** The standalone server: what {@code penstock up} starts, and its resources over HTTP. */
@NullMarked
package io.penstock.server;

import org.jspecify.annotations.NullMarked;
