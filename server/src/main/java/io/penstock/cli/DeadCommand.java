package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock dead}: jobs that failed for good. */
@Command(name = "dead", description = "Look at, retry and delete dead letters.")
final class DeadCommand extends Noun {
    private static final List<Column> GROUPS = List.of(
            Column.of("FINGERPRINT", "/fingerprint"),
            Column.number("JOBS", "/count"),
            Column.with("LAST", row -> since(row.path("lastFailedAt"))),
            Column.of("ERROR", "/type"),
            Column.of("MESSAGE", "/message"),
            Column.of("QUEUES", "/queues").onlyWide(),
            Column.of("TYPES", "/types").onlyWide());

    private static final List<Column> JOBS = List.of(
            Column.of("ID", "/id"),
            Column.of("TYPE", "/type"),
            Column.number("TRY", "/attempt"),
            Column.with("FAILED", row -> since(row.path("finishedAt"))),
            Column.of("FINGERPRINT", "/error/fingerprint"),
            Column.of("ERROR", "/error/message"),
            Column.of("PAYLOAD", "/payload").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static String since(JsonNode instant) {
        return Ages.since(instant);
    }

    /** Which dead letters are meant. */
    static final class Filter {
        @Option(names = "--queue", paramLabel = "Q", description = "Only of this queue.")
        private @Nullable String queue;

        @Option(names = "--type", paramLabel = "TYPE", description = "Only of this type.")
        private @Nullable String type;

        @Option(names = "--fingerprint", paramLabel = "F", description = "Only of this kind of error.")
        private @Nullable String fingerprint;

        boolean given() {
            return queue != null || type != null || fingerprint != null;
        }

        String path() {
            return "/api/v1/jobs?state=failed" + (queue == null ? "" : "&queue=" + Api.quoted(queue))
                    + (type == null ? "" : "&type=" + Api.quoted(type))
                    + (fingerprint == null ? "" : "&q=" + Api.quoted("error:" + fingerprint));
        }

        ObjectNode json() {
            ObjectNode json = Api.object().put("state", "failed");
            JobCommand.put(json, "queue", queue);
            JobCommand.put(json, "type", type);
            JobCommand.put(json, "error", fingerprint);
            return json;
        }
    }

    @Command(name = "list", description = "List dead letters, or with --group what killed them.")
    int list(
            @Option(
                            names = {"--group", "--groups"},
                            description = "By kind of error.")
                    boolean group,
            @Mixin Filter filter) {
        if (!group) {
            main().output().list(JOBS, new Pages(main().api(), filter.path(), main().limit(LISTED)));
            return Exit.OK;
        }
        String queue = filter.queue == null ? "" : "&queue=" + Api.quoted(filter.queue);
        JsonNode groups = main().api().get("/api/v1/dead/groups?limit=" + main().limit(LISTED) + queue);
        main().output().list(GROUPS, groups.path("items"));
        if (!groups.path("complete").asBoolean(true)) {
            main().note("only the newest " + groups.path("scanned").asInt() + " were looked at");
        }
        return Exit.OK;
    }

    @Command(name = "retry", description = "Start dead letters anew: those named, or those that fit.")
    int retry(
            @Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids,
            @Option(names = "--all", description = "All of them.") boolean all,
            @Mixin Filter filter)
            throws InterruptedException {
        return each("retry", ids, all, filter, (api, id) -> api.post(JobCommand.path(id) + ":retry"));
    }

    @Command(name = "delete", description = "Delete dead letters: those named, or those that fit.")
    int delete(
            @Parameters(arity = "0..*", paramLabel = "ID") @Nullable List<String> ids,
            @Option(names = "--all", description = "All of them.") boolean all,
            @Mixin Filter filter)
            throws InterruptedException {
        return each("delete", ids, all, filter, (api, id) -> api.delete(JobCommand.path(id)));
    }

    private interface Act {
        void on(Api api, String id);
    }

    private int each(String verb, @Nullable List<String> ids, boolean all, Filter filter, Act act)
            throws InterruptedException {
        if (ids != null && !ids.isEmpty()) {
            return each(verb, ids, act);
        }
        if (!all && !filter.given()) {
            throw new Failure(Exit.USAGE, "name ids, or give --queue, --type, --fingerprint or --all");
        }
        return new Bulk(main(), verb, "dead letters").run(filter.json());
    }

    private int each(String verb, List<String> ids, Act act) {
        if (main().dryRun()) {
            return planned(verb, ids);
        }
        main().confirm(Character.toUpperCase(verb.charAt(0)) + verb.substring(1) + " " + ids.size() + " dead letters");
        Api api = main().api();
        int[] done = {0};
        int code = Each.run(main(), ids, id -> {
            act.on(api, id);
            done[0]++;
        });
        main().note(verb + ": " + done[0] + " of " + ids.size());
        return code;
    }
}
