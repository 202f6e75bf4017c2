/** Jobs found by what is known of them: by an index where there is one, else by a walk that is bounded in time and tells how far it came. */
@NullMarked
package io.penstock.server.search;

import org.jspecify.annotations.NullMarked;
