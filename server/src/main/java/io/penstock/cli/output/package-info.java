/** How a command writes: tables, JSON, csv. */
@NullMarked
package io.penstock.cli.output;

import org.jspecify.annotations.NullMarked;
