package io.penstock.cli;

import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import java.util.List;
import java.util.function.Consumer;

/** The same for several names: goes on after a failure, and tells at the end how it went. */
public final class Each {
    private Each() {}

    /** Returns OK, the failure's code when there was one name, or PARTLY; all failed alike gives that code. */
    static int run(Main main, List<String> names, Consumer<String> action) {
        int failed = 0;
        int code = Exit.OK;
        for (String name : names) {
            try {
                action.accept(name);
            } catch (Failure failure) {
                main.streams().err().println("penstock: " + name + ": " + failure.getMessage());
                boolean same = failed == 0 || code == failure.code();
                code = same ? failure.code() : Exit.FAILURE;
                failed++;
            }
        }
        return failed > 0 && failed < names.size() ? Exit.PARTLY : code;
    }
}
