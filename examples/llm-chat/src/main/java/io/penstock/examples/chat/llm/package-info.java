/** A language model behind the chat completions protocol, as a stream that can be stopped. */
@NullMarked
package io.penstock.examples.chat.llm;

import org.jspecify.annotations.NullMarked;
