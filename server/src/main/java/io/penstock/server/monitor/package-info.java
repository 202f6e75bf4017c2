/** Numbers over time, over HTTP. */
@NullMarked
package io.penstock.server.monitor;

import org.jspecify.annotations.NullMarked;
