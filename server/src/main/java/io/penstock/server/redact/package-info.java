/** What is kept out of sight: secrets by name, by shape and by place. */
@NullMarked
package io.penstock.server.redact;

import org.jspecify.annotations.NullMarked;
