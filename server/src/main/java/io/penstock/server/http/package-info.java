/** The one door for requests: the route table and what stands before it. Who asks is {@link io.penstock.server.caller}. */
@NullMarked
package io.penstock.server.http;

import org.jspecify.annotations.NullMarked;
