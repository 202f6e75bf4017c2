/** An LLM chat backend on Penstock: the application of the reports that began it, and the tutorial. */
@NullMarked
package io.penstock.examples.chat;

import org.jspecify.annotations.NullMarked;
