/** The one door for requests: the route table and what stands before it. */
@NullMarked
package io.penstock.server.http;

import org.jspecify.annotations.NullMarked;
