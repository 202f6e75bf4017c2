/** Who keeps memory that nobody needs: counters, sampled handles, watched jobs, and evidence on demand. */
@NullMarked
package io.penstock.memory.leak;

import org.jspecify.annotations.NullMarked;
