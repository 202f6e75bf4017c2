/** The server as a command sees it. */
@NullMarked
package io.penstock.cli.client;

import org.jspecify.annotations.NullMarked;
