/** The groups of a queue over HTTP. */
@NullMarked
package io.penstock.server.group;

import org.jspecify.annotations.NullMarked;
