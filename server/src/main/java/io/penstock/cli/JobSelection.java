package io.penstock.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.cli.client.Api;
import io.penstock.cli.client.Exit;
import io.penstock.cli.client.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say which jobs are meant, for lists and for operations. */
final class JobSelection {
    @Option(names = "--filter", paramLabel = "QUERY", description = "A search: state:failed type:mail.* ...")
    private @Nullable String filter;

    @Option(names = "--queue", paramLabel = "Q", description = "Only of this queue.")
    private @Nullable String queue;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only waiting, delayed, active, blocked, completed, failed or cancelled ones.")
    private @Nullable String state;

    @Option(names = "--type", paramLabel = "TYPE", description = "Only of this type.")
    private @Nullable String type;

    @Option(names = "--group", paramLabel = "G", description = "Only of this group.")
    private @Nullable String group;

    boolean given() {
        return filter != null || queue != null || state != null || type != null || group != null;
    }

    /** Returns it as the filter of an operation. */
    ObjectNode json() {
        ObjectNode json = Api.object();
        JobCommand.put(json, "q", filter);
        JobCommand.put(json, "queue", queue);
        JobCommand.put(json, "state", state);
        JobCommand.put(json, "type", type);
        JobCommand.put(json, "group", group);
        return json;
    }

    /** Returns the path of the list of these jobs, and of those that fit these words, too. */
    String path(@Nullable List<String> words) {
        String typed = words == null ? "" : words.size() == 1 ? words.get(0) : joined(words);
        String search = (filter == null ? "" : filter + " ") + typed;
        StringBuilder path = new StringBuilder("/api/v1/jobs?");
        add(path, "q", search.isBlank() ? null : search.strip());
        add(path, "queue", queue);
        add(path, "state", state);
        add(path, "type", type);
        add(path, "group", group);
        path.setLength(path.length() - 1); // the ? or the last &
        return path.toString();
    }

    private static void add(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append(name).append('=').append(Api.quoted(value)).append('&');
        }
    }

    /** The shell has taken away the quotes of what had spaces. */
    private static String joined(List<String> words) {
        StringBuilder joined = new StringBuilder();
        for (String word : words) {
            int colon = word.indexOf(':') + 1;
            String value = word.substring(colon);
            boolean bare = value.indexOf(' ') < 0 || value.startsWith("\"");
            joined.append(word, 0, colon)
                    .append(bare ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                    .append(' ');
        }
        return joined.toString();
    }

    /**
     * Tells whether it is about ids and not about a filter.
     *
     * @throws Failure USAGE if it is about both or neither
     */
    boolean ids(@Nullable List<String> ids) {
        boolean named = ids != null && !ids.isEmpty();
        if (named == given()) {
            throw new Failure(
                    Exit.USAGE,
                    named
                            ? "name ids or give a filter, not both"
                            : "name ids, or give --filter, --queue, --state, --type or --group");
        }
        return named;
    }
}
