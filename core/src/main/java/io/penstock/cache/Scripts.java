package io.penstock.cache;

import io.penstock.redis.Script;

/** The Lua scripts of the far tier, one file each beside this class. */
final class Scripts {
    static final Script LEASE = load("lease.lua");
    static final Script STORE = load("store.lua");
    static final Script RELEASE = load("release.lua");
    static final Script PUT = load("put.lua");
    static final Script REMOVE = load("remove.lua");
    static final Script OUTDATE = load("outdate.lua");
    static final Script REPORT = load("report.lua");

    private Scripts() {}

    private static Script load(String file) {
        return Script.load(Scripts.class, file);
    }
}
