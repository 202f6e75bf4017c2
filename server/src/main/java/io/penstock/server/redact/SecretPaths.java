package io.penstock.server.redact;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Places in documents whose values are hidden: {@code $.user.email}, {@code orders[*].card}, {@code items[0].*}.
 *
 * <p>They are followed while a document is read, each a step a level; nothing goes back. Bound: {@value #MOST} of
 * {@value #DEEPEST} steps. Immutable.
 */
final class SecretPaths {
    static final int MOST = 64;
    static final int DEEPEST = 16;

    private final List<Place> roots;

    /** One step: a name, an index, or any. */
    private record Step(@Nullable String name, int index) {
        boolean fits(@Nullable String given, int at) {
            return name != null ? name.equals(given) : index < 0 || index == at && given == null;
        }
    }

    /** How far one path has been followed. */
    record Place(List<Step> path, int done) {}

    /**
     * Reads paths.
     *
     * @throws IllegalArgumentException if one is not of the form shown above
     */
    SecretPaths(List<String> paths) {
        if (paths.size() > MOST) {
            throw new IllegalArgumentException(paths.size() + " paths are more than " + MOST);
        }
        this.roots = paths.stream().map(path -> new Place(parse(path), 0)).toList();
    }

    private static List<Step> parse(String path) {
        List<Step> steps = new ArrayList<>();
        int at = path.startsWith("$") ? 1 : 0;
        while (at < path.length()) {
            if (path.charAt(at) == '[') {
                int close = path.indexOf(']', at);
                steps.add(bracket(path, close < 0 ? "" : path.substring(at + 1, close)));
                at = close + 1;
                continue;
            }
            int from = path.charAt(at) == '.' ? at + 1 : at;
            int to = from;
            while (to < path.length() && path.charAt(to) != '.' && path.charAt(to) != '[') {
                to++;
            }
            if (to == from || (from == at && at > 0)) {
                throw wrong(path);
            }
            String name = path.substring(from, to);
            steps.add(name.equals("*") ? new Step(null, -1) : new Step(name, -1));
            at = to;
        }
        if (steps.isEmpty() || steps.size() > DEEPEST) {
            throw wrong(path);
        }
        return List.copyOf(steps);
    }

    private static Step bracket(String path, String inside) {
        if (inside.equals("*")) {
            return new Step(null, -1);
        }
        if (inside.matches("\\d{1,6}")) {
            return new Step(null, Integer.parseInt(inside));
        }
        if (inside.length() > 2 && inside.startsWith("'") && inside.endsWith("'")) {
            return new Step(inside.substring(1, inside.length() - 1), -1);
        }
        throw wrong(path);
    }

    private static IllegalArgumentException wrong(String path) {
        return new IllegalArgumentException("\"" + path + "\" is no path of 1 to " + DEEPEST
                + " steps such as $.user.email, orders[*].card or items[0]['e-mail']");
    }

    /** Returns where the paths stand before the document. */
    List<Place> roots() {
        return roots;
    }

    /** Returns where they stand one step further: into a field, or with a null name into an element. */
    static List<Place> into(List<Place> here, @Nullable String name, int index) {
        if (here.isEmpty()) {
            return here;
        }
        List<Place> next = new ArrayList<>();
        for (Place place : here) {
            if (place.done() < place.path().size()
                    && place.path().get(place.done()).fits(name, index)) {
                next.add(new Place(place.path(), place.done() + 1));
            }
        }
        return next;
    }

    /** Tells whether a path ends here. */
    static boolean reached(List<Place> here) {
        for (Place place : here) {
            if (place.done() == place.path().size()) {
                return true;
            }
        }
        return false;
    }
}
