/** What the collectors tell as soon as they have collected: the only real-time reading of memory on the JVM. */
@NullMarked
package io.penstock.memory.gc;

import org.jspecify.annotations.NullMarked;
