package io.penstock.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock memory policy}: when memory is looked at and freed. */
@Command(name = "policy", description = "Show and change when memory is looked at and freed.")
final class MemoryPolicyCommand extends Noun {
    private static final String PATH = "/api/v1/memory/policy";

    @ParentCommand
    private @Nullable MemoryCommand memory;

    @Override
    Main main() {
        return Parent.of(memory).main();
    }

    @Command(name = "get", description = "Show the policy, and where each value is from.")
    int get() {
        main().output().one(main().api().get(PATH));
        return Exit.OK;
    }

    @Command(
            name = "set",
            description = "Change it at once and for good: enabled autoOptimization threshold intervalMs maxHeapSizeMB"
                    + " maxRSSSizeMB. KEY= alone takes the change back.")
    int set(@Parameters(arity = "1..*", paramLabel = "KEY=VALUE") List<String> settings) {
        ObjectNode body = Api.object();
        settings.forEach(setting -> put(body, setting));
        if (main().dryRun()) {
            return planned("set " + body + " in", List.of("the memory policy"));
        }
        Api api = main().api();
        api.send("PUT", PATH, body.toString(), Map.of("Content-Type", "application/json"));
        return get();
    }

    private static void put(ObjectNode body, String setting) {
        Assignment said = Assignment.of(setting);
        String key = said.key();
        String text = said.text();
        if (text.isEmpty()) {
            body.putNull(key);
        } else if (text.equals("true") || text.equals("false")) {
            body.put(key, text.equals("true"));
        } else if (text.matches("-?\\d{1,18}")) {
            body.put(key, Long.parseLong(text));
        } else {
            body.put(key, text);
        }
    }
}
