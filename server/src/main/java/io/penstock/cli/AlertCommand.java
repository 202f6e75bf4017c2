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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock alert}: what is wrong, and who acts. */
@Command(
        name = "alert",
        description = "Look at alerts, acknowledge and silence them.",
        subcommands = {AlertRuleCommand.class, AlertChannelCommand.class})
final class AlertCommand extends Noun {
    private static final String PATH = "/api/v1/alerts";

    private static final List<Column> COLUMNS = List.of(
            Column.of("ALERT", "/id"),
            Column.of("SEVERITY", "/severity"),
            Column.of("STATE", "/state"),
            Column.with("SINCE", row -> age(row, "since")),
            Column.of("REASON", "/reason"),
            Column.of("METRIC", "/metric").onlyWide(),
            Column.number("VALUE", "/value").onlyWide(),
            Column.of("PROCESS", "/process").onlyWide(),
            Column.of("UNTIL", "/pendingUntil").onlyWide(),
            Column.of("RESOLVED", "/resolvedAt").onlyWide(),
            Column.of("SILENCED UNTIL", "/silencedUntil").onlyWide(),
            Column.of("TOLD", "/told").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    static String age(JsonNode row, String field) {
        return Ages.since(row.path(field));
    }

    @Command(name = "list", description = "List alerts, the worst first; without --state those that are not over.")
    int list(
            @Option(
                            names = "--state",
                            paramLabel = "STATE",
                            description = "pending, firing, acknowledged, silenced or resolved.")
                    @Nullable
                    String state,
            @Option(names = "--severity", paramLabel = "S", description = "info, warning, error or critical.") @Nullable
                    String severity) {
        String query = (state == null ? "" : "&state=" + Api.quoted(state))
                + (severity == null ? "" : "&severity=" + Api.quoted(severity));
        String path = query.isEmpty() ? PATH : PATH + "?" + query.substring(1);
        main().output().list(COLUMNS, new Pages(main().api(), path, main().limit(LISTED)));
        return Exit.OK;
    }

    @Command(name = "ack", description = "Say that somebody acts; it holds until the alert is over.")
    int ack(@Parameters(arity = "1..*", paramLabel = "ALERT") List<String> ids) {
        if (main().dryRun()) {
            return planned("acknowledge", ids);
        }
        Api api = main().api();
        return Each.run(main(), ids, id -> shown(api.post(PATH + "/" + Api.quoted(id) + ":ack")));
    }

    @Command(
            name = "silence",
            description = "Tell nobody that these begin, until then; one that still fires then is told.")
    int silence(
            @Parameters(arity = "1..*", paramLabel = "ALERT") List<String> ids,
            @Option(names = "--for", paramLabel = "TIME", description = "So long, to 31d; 0s ends the silence.")
                    @Nullable
                    String span,
            @Option(names = "--until", paramLabel = "INSTANT", description = "As 2030-01-31T12:00:00Z.") @Nullable
                    String until) {
        if ((span == null) == (until == null)) {
            throw new Failure(Exit.USAGE, "say either --for or --until");
        }
        if (main().dryRun()) {
            return planned("silence", ids);
        }
        ObjectNode body =
                span != null ? Api.object().put("for", span) : Api.object().put("until", until);
        Api api = main().api();
        return Each.run(main(), ids, id -> shown(api.post(PATH + "/" + Api.quoted(id) + ":silence", body)));
    }

    private void shown(JsonNode alert) {
        if (main().output().human()) {
            boolean quiet = !alert.path("silencedUntil").isNull();
            main().output()
                    .text(alert.path("id").asText() + " is "
                            + alert.path("state").asText()
                            + (quiet ? " until " + alert.path("silencedUntil").asText() : ""));
        } else {
            main().output().one(alert);
        }
    }
}
