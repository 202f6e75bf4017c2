package io.penstock.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock job wait}. */
@Command(
        name = "wait",
        description =
                "Wait until jobs have ended; ends with 0 if all completed, 1 if one did not, 124 after --timeout.")
final class JobWaitCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable JobCommand noun;

    @Parameters(arity = "1..*", paramLabel = "ID")
    private List<String> ids = List.of();

    @Override
    public Integer call() throws InterruptedException {
        Main main = Parent.of(noun).main();
        return new JobWait(main, main.api()).all(ids);
    }
}
