package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;

/** {@code KEY=VALUE} on the command line; the value may be empty. */
record Assignment(String key, String text) {
    /** @throws Failure of usage, which does not repeat what was said: it may be a secret whose key was forgotten */
    static Assignment of(String said) {
        int equals = said.indexOf('=');
        if (equals < 1) {
            throw new Failure(Exit.USAGE, "a setting of " + said.length() + " characters is not KEY=VALUE");
        }
        return new Assignment(said.substring(0, equals), said.substring(equals + 1));
    }
}
