/** A model server for want of a real one: it speaks the same protocol, with its latency and its faults, offline. */
@NullMarked
package io.penstock.examples.chat.stub;

import org.jspecify.annotations.NullMarked;
