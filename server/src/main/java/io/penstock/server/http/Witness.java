package io.penstock.server.http;

/** Is told of every write that is over, on the thread that ended it: must be quick, must not wait, must not throw. */
@FunctionalInterface
public interface Witness {
    void saw(Deed deed);
}
