/** What this JVM, its process and its container say of their memory, read cheaply and never guessed. */
@NullMarked
package io.penstock.memory.probe;

import org.jspecify.annotations.NullMarked;
