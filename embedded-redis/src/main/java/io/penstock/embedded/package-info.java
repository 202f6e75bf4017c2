/** A real redis-server as a child process, for development and tests. */
@NullMarked
package io.penstock.embedded;

import org.jspecify.annotations.NullMarked;
