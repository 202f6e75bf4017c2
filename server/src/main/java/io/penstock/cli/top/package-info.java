/** The installation, live, on a whole terminal. */
@NullMarked
package io.penstock.cli.top;

import org.jspecify.annotations.NullMarked;
