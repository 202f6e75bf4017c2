/** Numbers over time of the process, its queues, its memory, its machine and its Redis, in a number of bytes fixed by a setting. */
@NullMarked
package io.penstock.monitor;

import org.jspecify.annotations.NullMarked;
