/** The database that an operator wants to be watched. */
@NullMarked
package io.penstock.server.database;

import org.jspecify.annotations.NullMarked;
