/** How many workers a queue needs, for what starts and stops them. */
@NullMarked
package io.penstock.server.scaling;

import org.jspecify.annotations.NullMarked;
