/** What touches SQL: how well a database does. */
@NullMarked
package io.penstock.database;

import org.jspecify.annotations.NullMarked;
