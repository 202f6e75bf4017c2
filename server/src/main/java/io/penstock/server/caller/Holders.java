package io.penstock.server.caller;

import io.penstock.server.wire.Problem;
import org.jspecify.annotations.Nullable;

/** Those to whom tokens were given besides the server's own. Never waits: it is asked for every request. */
public interface Holders {
    /** Nobody was given a token. */
    Holders NONE = new Holders() {
        @Override
        public @Nullable Caller of(String token) {
            return null;
        }

        @Override
        public @Nullable Caller ofId(String id) {
            return null;
        }

        @Override
        public @Nullable String id(String token) {
            return null;
        }
    };

    /**
     * Returns whoever was given this token; null = nobody, or it is over.
     *
     * @throws Problem REDIS_UNREACHABLE if nobody can tell any more
     */
    @Nullable
    Caller of(String token);

    /** As {@link #of}, for the session that the token opened. */
    @Nullable
    Caller ofId(String id);

    /** Returns what names a token of this text; null = it is no text of a token. */
    @Nullable
    String id(String token);
}
