package io.penstock.server.http;

import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import io.penstock.server.wire.Text;
import io.undertow.util.Headers;
import org.jspecify.annotations.Nullable;

/** The If-Match header: change this only if it is still what I read. */
public final class Precondition {
    private Precondition() {}

    /**
     * Passes when the header is missing, {@code *}, or names the tag.
     *
     * @throws Problem PRECONDITION_FAILED otherwise
     */
    public static void check(Call call, String tag) {
        @Nullable String wanted = call.header(Headers.IF_MATCH);
        if (wanted == null || wanted.strip().equals("*")) {
            return;
        }
        for (String one : wanted.split(",", -1)) {
            if (one.strip().equals(tag)) {
                return;
            }
        }
        throw Problem.of(
                ProblemType.PRECONDITION_FAILED,
                "If-Match " + Text.shown(wanted) + " is not the present " + tag
                        + "; nothing was done; read it again and repeat the change");
    }
}
