/** What shells know of the commands, so that Tab completes them. */
@NullMarked
package io.penstock.cli.completion;

import org.jspecify.annotations.NullMarked;
