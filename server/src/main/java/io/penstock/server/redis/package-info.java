/** How Redis does, over HTTP and for Prometheus. */
@NullMarked
package io.penstock.server.redis;

import org.jspecify.annotations.NullMarked;
