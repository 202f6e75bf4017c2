package io.penstock.cli;

import io.penstock.server.Rig;
import java.util.List;
import java.util.Map;

/** Runs commands for tests of other packages. */
public final class Shells {
    private Shells() {}

    /** Returns all that a command wrote. */
    public static String run(Rig rig, List<String> command, Map<String, String> environment) {
        Shell shell = Shell.at(rig);
        environment.forEach(shell::with);
        Shell.Result result = shell.run(command.toArray(new String[0]));
        return result.out() + result.err();
    }
}
