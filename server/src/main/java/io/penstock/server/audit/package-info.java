/** What was done through this server, and by whom. */
@NullMarked
package io.penstock.server.audit;

import org.jspecify.annotations.NullMarked;
