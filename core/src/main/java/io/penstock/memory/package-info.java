/** Sees what memory the process has left, says so in five levels, and tells whoever listens. */
@NullMarked
package io.penstock.memory;

import org.jspecify.annotations.NullMarked;
