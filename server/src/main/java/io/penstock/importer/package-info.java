/** Jobs of other systems, read from their Redis and told as ours: one file for each format, one for the run. */
@NullMarked
package io.penstock.importer;

import org.jspecify.annotations.NullMarked;
