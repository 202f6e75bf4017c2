/** Tokens that an admin gives out: stored hashed, known to every server, shown once. */
@NullMarked
package io.penstock.server.token;

import org.jspecify.annotations.NullMarked;
