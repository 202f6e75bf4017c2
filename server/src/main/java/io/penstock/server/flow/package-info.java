/** Flows and batches over HTTP. */
@NullMarked
package io.penstock.server.flow;

import org.jspecify.annotations.NullMarked;
