/** Whether the live set grows, how fast, and when the heap would be full: from the floors that collections leave. */
@NullMarked
package io.penstock.memory.trend;

import org.jspecify.annotations.NullMarked;
