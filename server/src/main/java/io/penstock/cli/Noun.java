package io.penstock.cli;

import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that only stands for its verbs. */
abstract class Noun implements Callable<Integer> {
    /** Items of a list when nothing is said: what a screen shows. */
    static final int LISTED = 50;

    @Spec
    private @Nullable CommandSpec spec;

    abstract Main main();

    /** Without a verb: the help, as an error, because nothing was done. */
    @Override
    public Integer call() {
        CommandSpec known = Parent.of(spec);
        known.commandLine().usage(known.commandLine().getErr());
        return Exit.USAGE;
    }

    /** Says what {@code --dry-run} leaves undone. */
    final int planned(String verb, List<String> names) {
        main().output().would(verb, names);
        return Exit.OK;
    }

    /** Deletes things of this noun, once it was confirmed. */
    final int deleted(List<String> ids, UnaryOperator<String> path) {
        if (main().dryRun()) {
            return planned("delete", ids);
        }
        main().confirm("delete " + String.join(", ", ids));
        Api api = main().api();
        return Each.run(main(), ids, id -> {
            api.delete(path.apply(id));
            main().note(id + " is deleted");
        });
    }
}
