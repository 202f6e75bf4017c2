package io.penstock.runtime;

/** A listener's place; whoever got it closes it, and closing it twice does nothing. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
