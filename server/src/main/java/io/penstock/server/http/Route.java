package io.penstock.server.http;

import io.penstock.server.caller.Access;
import io.penstock.server.caller.Rule;
import io.penstock.server.wire.Limits;
import io.penstock.server.wire.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One line of the route table: what is asked for, what it may carry, and who answers.
 *
 * @param template path with {@code {name}} for a part and {@code :verb} after the last one
 * @param rule who may call it
 * @param instant answers on the I/O thread, also when all workers wait for Redis
 * @param creates takes an Idempotency-Key
 * @param bodyTypes media types of the body; empty = no body
 * @param bodyBytes most bytes of the body
 * @param query legal parameters of the query
 */
public record Route(
        String method,
        String template,
        Rule rule,
        boolean instant,
        boolean creates,
        List<String> bodyTypes,
        int bodyBytes,
        Set<String> query,
        Endpoint endpoint) {
    private static final List<String> JSON = List.of("application/json");

    /** Answers a call; whatever it throws that is no {@link Problem} becomes a 500. */
    @FunctionalInterface
    public interface Endpoint {
        CompletionStage<Reply> answer(Call call) throws Exception;
    }

    /** Answers a call on the thread that asks. */
    @FunctionalInterface
    public interface Blocking {
        Reply answer(Call call) throws Exception;
    }

    private static Route of(String method, String template, Blocking answer) {
        return new Route(
                method,
                template,
                Rule.of(method),
                false,
                false,
                List.of(),
                0,
                Set.of(),
                call -> CompletableFuture.completedFuture(answer.answer(call)));
    }

    public static Route get(String template, Blocking answer) {
        return of("GET", template, answer);
    }

    public static Route delete(String template, Blocking answer) {
        return of("DELETE", template, answer);
    }

    /** A POST that carries nothing, such as {@code :pause}. */
    public static Route act(String template, Blocking answer) {
        return of("POST", template, answer);
    }

    public static Route post(String template, Blocking answer) {
        return of("POST", template, answer).body(JSON, Limits.SMALL_BODY_BYTES);
    }

    public static Route put(String template, Blocking answer) {
        return of("PUT", template, answer).body(JSON, Limits.SMALL_BODY_BYTES);
    }

    public static Route patch(String template, Blocking answer) {
        return of("PATCH", template, answer)
                .body(List.of("application/json", "application/merge-patch+json"), Limits.SMALL_BODY_BYTES);
    }

    /** A POST whose answer comes later, from another thread. */
    public static Route postLater(String template, Endpoint answer) {
        return new Route(
                "POST", template, Rule.of("POST"), false, false, JSON, Limits.SMALL_BODY_BYTES, Set.of(), answer);
    }

    /** A GET whose answer comes later, from another thread. */
    public static Route getLater(String template, Endpoint answer) {
        return new Route("GET", template, Rule.of("GET"), false, false, List.of(), 0, Set.of(), answer);
    }

    public Route body(List<String> types, int most) {
        return new Route(method, template, rule, instant, creates, types, most, query, endpoint);
    }

    /** Returns this route with room for payloads. */
    public Route large() {
        return body(bodyTypes, Limits.BODY_BYTES);
    }

    public Route query(String... names) {
        return new Route(method, template, rule, instant, creates, bodyTypes, bodyBytes, Set.of(names), endpoint);
    }

    private Route ruled(Rule other) {
        return new Route(method, template, other, instant, creates, bodyTypes, bodyBytes, query, endpoint);
    }

    /** Returns this route for those without a token too. */
    public Route asOpen() {
        return ruled(rule.by(Access.ANYONE));
    }

    /** Returns this route for other roles than its method has by itself. */
    public Route by(Access access) {
        return ruled(rule.by(access));
    }

    /** Returns this route for callers of some queues too: its endpoint shows them no others, or names none. */
    public Route asNarrow() {
        return ruled(new Rule(rule.access(), true, rule.harmless()));
    }

    /** Returns this route as one that changes nothing. */
    public Route asHarmless() {
        return ruled(new Rule(rule.access(), rule.narrow(), true));
    }

    /** Returns which roles may call it. */
    public Access access() {
        return rule.access();
    }

    /** Tells whether it answers without a token. */
    public boolean open() {
        return rule.access() == Access.ANYONE;
    }

    /** Tells whether callers of some queues may call it. */
    public boolean narrow() {
        return rule.narrow() || template.contains("{queue}");
    }

    /** Tells whether it changes nothing. */
    public boolean harmless() {
        return rule.harmless();
    }

    public Route asInstant() {
        return new Route(method, template, rule, true, creates, bodyTypes, bodyBytes, query, endpoint);
    }

    public Route creating() {
        return new Route(method, template, rule, instant, true, bodyTypes, bodyBytes, query, endpoint);
    }

    boolean takesBody() {
        return !bodyTypes.isEmpty();
    }

    /** Returns the parts of the path that stand for the names in the template, or null if the path is another one. */
    @Nullable
    Map<String, String> match(String path) {
        List<String> wanted = steps(template);
        List<String> given = steps(path);
        if (wanted.size() != given.size() || !path.startsWith("/")) {
            return null;
        }
        Map<String, String> parts = new HashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            if (!step(wanted.get(i), given.get(i), parts)) {
                return null;
            }
        }
        return parts;
    }

    private static boolean step(String wanted, String given, Map<String, String> parts) {
        if (!wanted.startsWith("{")) {
            return wanted.equals(given);
        }
        int close = wanted.indexOf('}');
        String verb = wanted.substring(close + 1);
        if (!given.endsWith(verb)) {
            return false;
        }
        String part = given.substring(0, given.length() - verb.length());
        parts.put(wanted.substring(1, close), part);
        return !part.isEmpty() && part.indexOf(':') < 0;
    }

    private static List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        int from = 1;
        for (int slash = path.indexOf('/', from); slash >= 0; slash = path.indexOf('/', from)) {
            steps.add(path.substring(from, slash));
            from = slash + 1;
        }
        steps.add(path.length() < from ? "" : path.substring(from));
        return steps;
    }
}
