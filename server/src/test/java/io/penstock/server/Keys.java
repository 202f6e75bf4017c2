package io.penstock.server;

import io.penstock.server.caller.Role;

/** Tokens that an admin of a rig gives out, and requests with them. */
public final class Keys {
    private final Rig rig;
    private final String token;

    private Keys(Rig rig, String token) {
        this.rig = rig;
        this.token = token;
    }

    /** A new token of this role, for these queues or for all. */
    public static Keys of(Rig rig, Role role, String... queues) {
        String narrow = queues.length == 0 ? "" : ",\"queues\":[\"" + String.join("\",\"", queues) + "\"]";
        Rig.Answer made =
                rig.post("/api/v1/tokens", "{\"name\":\"test\",\"role\":\"" + role.wire() + "\"" + narrow + "}");
        if (made.status() != 201) {
            throw new AssertionError(made.toString());
        }
        return new Keys(rig, made.json().path("token").asText());
    }

    public String token() {
        return token;
    }

    public Rig.Answer get(String path) {
        return rig.bare("GET", path, "Authorization", "Bearer " + token);
    }

    public Rig.Answer post(String path, String json) {
        return send("POST", path, json);
    }

    /**
     * Asks with this token.
     *
     * @param json null = none
     */
    public Rig.Answer send(String method, String path, String json) {
        return json == null
                ? rig.bare(method, path, "Authorization", "Bearer " + token)
                : rig.bare(method, path, json, "Authorization", "Bearer " + token);
    }
}
