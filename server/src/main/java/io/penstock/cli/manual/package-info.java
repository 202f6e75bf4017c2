/** What people read of the commands: examples in the help, and the reference. */
@NullMarked
package io.penstock.cli.manual;

import org.jspecify.annotations.NullMarked;
