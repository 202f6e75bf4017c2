/** One unit of work and everything that describes it: plain data, no I/O. */
@NullMarked
package io.penstock.job;

import org.jspecify.annotations.NullMarked;
