/** Limits of rate and concurrency that operators set while servers run. */
@NullMarked
package io.penstock.server.limit;

import org.jspecify.annotations.NullMarked;
