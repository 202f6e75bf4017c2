/** The command line: a noun, then a verb. */
@NullMarked
package io.penstock.cli;

import org.jspecify.annotations.NullMarked;
