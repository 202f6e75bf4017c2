/** Numbers over time in a fixed number of bytes: what is new in full, what is old as minimum, mean and maximum. */
@NullMarked
package io.penstock.series;

import org.jspecify.annotations.NullMarked;
