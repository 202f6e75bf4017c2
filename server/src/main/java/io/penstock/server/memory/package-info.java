/** Memory over HTTP: what the governor knows, and what an operator may ask of it. */
@NullMarked
package io.penstock.server.memory;

import org.jspecify.annotations.NullMarked;
