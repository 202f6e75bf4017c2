/** Operations: what an operator wants of many jobs, done by the server in small steps, to be watched and cancelled. */
@NullMarked
package io.penstock.server.operation;

import org.jspecify.annotations.NullMarked;
