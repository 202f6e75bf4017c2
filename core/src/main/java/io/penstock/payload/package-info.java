/** What a payload looks like where it is stored: compressed, encrypted, kept elsewhere. Works on bytes, knows no jobs. */
@NullMarked
package io.penstock.payload;

import org.jspecify.annotations.NullMarked;
