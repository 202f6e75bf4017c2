/** Handlers that come in jars. */
@NullMarked
package io.penstock.server.plugin;

import org.jspecify.annotations.NullMarked;
