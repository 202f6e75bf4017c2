/** The library as the server sees it: the only package here that calls it. */
@NullMarked
package io.penstock.server.engine;

import org.jspecify.annotations.NullMarked;
