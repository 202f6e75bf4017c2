/**
 * What the clock does: due jobs come forward, jobs of dead workers come back, old jobs go; and schedules enqueue jobs again and
 * again.
 */
@NullMarked
package io.penstock.schedule;

import org.jspecify.annotations.NullMarked;
