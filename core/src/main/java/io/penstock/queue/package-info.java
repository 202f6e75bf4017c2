/** The named line and its protocol: the only package that knows how jobs lie in Redis (docs/redis-keys.md). */
@NullMarked
package io.penstock.queue;

import org.jspecify.annotations.NullMarked;
