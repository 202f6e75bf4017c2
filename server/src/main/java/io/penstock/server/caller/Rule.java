package io.penstock.server.caller;

/**
 * Who may call a route. There is no route without one: what is not said is refused.
 *
 * @param access the roles
 * @param narrow callers of some queues may come too: the endpoint shows them no others, or names none; a queue in the path
 *     is checked by the front
 * @param harmless changes nothing although it is no GET, so that it is done in read-only mode as well
 */
public record Rule(Access access, boolean narrow, boolean harmless) {
    /** Returns the rule of a route that says nothing else than its method. */
    public static Rule of(String method) {
        return new Rule(Access.of(method), false, method.equals("GET"));
    }

    /** Returns this rule for other roles. */
    public Rule by(Access other) {
        return new Rule(other, narrow, harmless);
    }
}
