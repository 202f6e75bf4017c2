package io.penstock.cli;

import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.server.Version;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParentCommand;

/** {@code penstock version}. */
@Command(name = "version", description = "Show which version this is.")
final class VersionCommand implements Callable<Integer>, IVersionProvider {
    @ParentCommand
    private @Nullable Main main;

    @Override
    public String[] getVersion() {
        return new String[] {"penstock " + Version.text() + " (Java " + Runtime.version() + ")"};
    }

    @Override
    public Integer call() {
        Main parent = Parent.of(main);
        parent.output()
                .one(Api.object()
                        .put("version", Version.text())
                        .put("java", Runtime.version().toString()));
        return Exit.OK;
    }
}
