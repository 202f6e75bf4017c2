/** Limits that hold across processes: how often something may be done, and by how many at once. */
@NullMarked
package io.penstock.limit;

import org.jspecify.annotations.NullMarked;
