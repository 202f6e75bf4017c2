package io.penstock.limit;

import io.penstock.redis.Script;

/** The Lua scripts that decide, one file each beside this class. */
final class Scripts {
    static final Script WINDOW = load("window.lua");
    static final Script BUCKET = load("bucket.lua");
    static final Script PERMIT = load("permit.lua");
    static final Script RELEASE = load("release.lua");
    static final Script REFUND = load("refund.lua");
    static final Script EXTEND = load("extend.lua");

    private Scripts() {}

    private static Script load(String file) {
        return Script.load(Scripts.class, file);
    }
}
