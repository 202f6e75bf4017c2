/** Jobs that are written in a transaction of the caller's database and brought to Redis once it has committed. */
@NullMarked
package io.penstock.outbox;

import org.jspecify.annotations.NullMarked;
