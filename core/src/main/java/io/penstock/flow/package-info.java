/** Jobs that wait for one another: flows, chains and batches, and what moves them on. */
@NullMarked
package io.penstock.flow;

import org.jspecify.annotations.NullMarked;
