/** What frees memory: strategies, the steps that owners of memory contribute, and the report of what was measured. */
@NullMarked
package io.penstock.memory.optimise;

import org.jspecify.annotations.NullMarked;
