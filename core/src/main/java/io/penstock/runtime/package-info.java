/** The ground floor: the one clock, the one timer, every thread, and the life of a service. */
@NullMarked
package io.penstock.runtime;

import org.jspecify.annotations.NullMarked;
