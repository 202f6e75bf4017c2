package io.penstock.server.http;

import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The route table; openapi.json says the same to the world, and a test holds the two together. */
public final class Routes {
    private final List<Route> table;

    /** A route that fits a request, and the parts of its path. */
    record Match(Route route, Map<String, String> path) {}

    public Routes(List<Route> table) {
        this.table = List.copyOf(table);
    }

    public List<Route> table() {
        return table;
    }

    /** Tells whether a path answers without a token. */
    boolean open(String path) {
        return table.stream().anyMatch(route -> route.open() && route.match(path) != null);
    }

    /**
     * Finds the route; HEAD finds GET.
     *
     * @throws Problem NO_SUCH_ROUTE, or METHOD_NOT_ALLOWED with what is
     */
    Match find(String method, String path) {
        String wanted = method.equals("HEAD") ? "GET" : method;
        List<String> allowed = new ArrayList<>();
        for (Route route : table) {
            Map<String, String> parts = route.match(path);
            if (parts != null && route.method().equals(wanted)) {
                return new Match(route, parts);
            }
            if (parts != null) {
                allowed.add(route.method());
            }
        }
        if (allowed.isEmpty()) {
            throw Problem.of(
                    ProblemType.NO_SUCH_ROUTE,
                    "\"" + Text.shown(path) + "\" is no route; nothing was done; see /openapi.json");
        }
        throw Problem.methodNotAllowed(Text.shown(method), Text.shown(path), withImplied(allowed));
    }

    /** Returns the methods that a path knows, for OPTIONS; empty if it is no route. */
    List<String> methods(String path) {
        List<String> methods = table.stream()
                .filter(route -> route.match(path) != null)
                .map(Route::method)
                .toList();
        return methods.isEmpty() ? methods : withImplied(methods);
    }

    private static List<String> withImplied(List<String> methods) {
        List<String> all = new ArrayList<>(methods);
        if (all.contains("GET")) {
            all.add("HEAD");
        }
        all.add("OPTIONS");
        return all;
    }
}
