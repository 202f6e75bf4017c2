/** Alerts and their rules over HTTP. */
@NullMarked
package io.penstock.server.alert;

import org.jspecify.annotations.NullMarked;
