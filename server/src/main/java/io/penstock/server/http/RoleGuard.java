package io.penstock.server.http;

import io.penstock.server.caller.Access;
import io.penstock.server.caller.Caller;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.util.Map;

/** Lets callers do what their role, their queues and the mode of the server allow. Immutable. */
public final class RoleGuard {
    private final boolean readOnly;

    /** @param readOnly nothing may be changed, whoever asks */
    public RoleGuard(boolean readOnly) {
        this.readOnly = readOnly;
    }

    /**
     * Passes a caller who may.
     *
     * @param path the parts of the path by name
     * @throws Problem FORBIDDEN or READ_ONLY
     */
    void check(Route route, Map<String, String> path, Caller caller) {
        Access access = route.access();
        if (!access.roles().contains(caller.role())) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    route.method() + " " + route.template() + " needs " + access.named()
                            + ", and this token has the role " + caller.role().wire()
                            + "; nothing was done; ask with a token that has it");
        }
        String queue = path.get("queue");
        if (queue != null) {
            caller.check(queue);
        } else if (caller.narrowed() && !route.narrow()) {
            throw Problem.of(
                    ProblemType.FORBIDDEN,
                    route.method() + " " + route.template() + " is about the whole server, and this token (role "
                            + caller.role().wire() + ") is for the queues " + caller.shownQueues()
                            + " only; nothing was done; ask with a token for all queues");
        }
        checkMode(route);
    }

    /** @throws Problem READ_ONLY if the route changes something and nothing may be changed */
    void checkMode(Route route) {
        if (readOnly && !route.harmless()) {
            throw Problem.of(
                    ProblemType.READ_ONLY,
                    "this server is in read-only mode; nothing was done; ask another server, or start this one"
                            + " without readOnly");
        }
    }
}
