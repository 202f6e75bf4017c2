/** Calls of others that may fail: retried within a budget, cut off while they keep failing, made once for many. */
@NullMarked
package io.penstock.resilience;

import org.jspecify.annotations.NullMarked;
