/** Who asks: roles and what they may call, tokens and the sessions that they open. */
@NullMarked
package io.penstock.server.caller;

import org.jspecify.annotations.NullMarked;
