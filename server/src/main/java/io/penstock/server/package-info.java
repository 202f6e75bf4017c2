/** The REST interface, the event stream and the dashboard. */
@NullMarked
package io.penstock.server;

import org.jspecify.annotations.NullMarked;
