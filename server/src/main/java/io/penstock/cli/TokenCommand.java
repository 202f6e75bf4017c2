package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Pages;
import io.penstock.cli.output.Ages;
import io.penstock.cli.output.Column;
import io.penstock.cli.output.Format;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code penstock token}: who may ask the server, and for what. */
@Command(name = "token", description = "Make, list and revoke tokens (needs the role admin).")
final class TokenCommand extends Noun {
    private static final String PATH = "/api/v1/tokens";

    /** The server holds a thousand. */
    private static final int ALL = 1_000;

    private static final List<Column> COLUMNS = List.of(
            Column.of("ID", "/id"),
            Column.of("NAME", "/name"),
            Column.of("ROLE", "/role"),
            Column.with("QUEUES", TokenCommand::queues),
            Column.with("USED", row -> Ages.since(row.path("lastUsedAt"))),
            Column.with("EXPIRES", TokenCommand::end),
            Column.of("CREATED", "/createdAt").onlyWide());

    @ParentCommand
    private @Nullable Main main;

    @Override
    Main main() {
        return Parent.of(main);
    }

    private static String queues(JsonNode row) {
        List<String> queues = new ArrayList<>();
        row.path("queues").forEach(queue -> queues.add(queue.asText()));
        return queues.isEmpty() ? "all" : String.join(" ", queues);
    }

    /** The day is enough for a table; {@code -o wide} is for other columns. */
    private static String end(JsonNode row) {
        String at = row.path("expiresAt").asText("");
        String day = at.length() < 10 || row.path("expiresAt").isNull() ? "never" : at.substring(0, 10);
        return row.path("expired").asBoolean() ? "over" : day;
    }

    @Command(name = "create", description = "Make a token; its secret goes to stdout, once.")
    int create(
            @Parameters(index = "0", paramLabel = "NAME", description = "What it is for, such as ci or mailer.")
                    String name,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "viewer, producer, worker, operator or admin.")
                    String role,
            @Option(
                            names = "--queue",
                            paramLabel = "PATTERN",
                            description = "Only for this queue; mail-* for all that begin so. Again for more.")
                    @Nullable
                    List<String> queues,
            @Option(names = "--expires", paramLabel = "TIME", description = "Ends after this time (never).") @Nullable
                    String expires) {
        ObjectNode body = Api.object().put("name", name).put("role", role);
        if (queues != null) {
            queues.forEach(body.putArray("queues")::add);
        }
        if (expires != null) {
            body.put("expiresIn", expires);
        }
        if (main().dryRun()) {
            return planned("create token", List.of(body.toString()));
        }
        JsonNode made = main().api().post(PATH, body);
        if (main().format() == Format.TABLE) {
            main().output().text(made.path("token").asText()); // and nothing else: it is for a pipe
        } else {
            main().output().one(made);
        }
        main().note("token " + made.path("id").asText() + " (" + role
                + "): this is its secret, and it is not shown again");
        return Exit.OK;
    }

    @Command(name = "list", description = "List tokens, without their secrets.")
    int list() {
        main().output().list(COLUMNS, new Pages(main().api(), PATH, main().limit(ALL)));
        return Exit.OK;
    }

    @Command(name = "revoke", description = "End tokens, and the sessions that they opened.")
    int revoke(@Parameters(arity = "1..*", paramLabel = "ID") List<String> ids) {
        if (main().dryRun()) {
            return planned("revoke token", ids);
        }
        main().confirm("revoke token " + String.join(", ", ids));
        Api api = main().api();
        return Each.run(main(), ids, id -> {
            api.delete(PATH + "/" + Api.quoted(id));
            main().note("token " + id + " is revoked");
        });
    }
}
