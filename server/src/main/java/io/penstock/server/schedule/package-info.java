/** Schedules over HTTP. */
@NullMarked
package io.penstock.server.schedule;

import org.jspecify.annotations.NullMarked;
