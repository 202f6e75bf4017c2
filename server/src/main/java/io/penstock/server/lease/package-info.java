/** Jobs lent to workers in other languages. */
@NullMarked
package io.penstock.server.lease;

import org.jspecify.annotations.NullMarked;
