/** The way to Redis: the only package that imports the Redis client. */
@NullMarked
package io.penstock.redis;

import org.jspecify.annotations.NullMarked;
