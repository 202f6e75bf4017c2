/** What the clock does to a queue: due jobs come forward, jobs of dead workers come back, old jobs go. */
@NullMarked
package io.penstock.schedule;

import org.jspecify.annotations.NullMarked;
