package io.penstock.queue;

import io.penstock.redis.Script;

/** The Lua scripts of the queue protocol, one file each beside this class. */
final class Scripts {
    static final Script ADD = load("add.lua");
    static final Script RESERVE = load("reserve.lua");
    static final Script TAKE = load("take.lua");
    static final Script FINISH = load("finish.lua");
    static final Script JOIN = load("join.lua");
    static final Script EXTEND = load("extend.lua");
    static final Script LEAVE = load("leave.lua");
    static final Script PROMOTE = load("promote.lua");
    static final Script FENCE = load("fence.lua");
    static final Script MOVE = load("move.lua");
    static final Script REPLACE = load("replace.lua");
    static final Script PURGE = load("purge.lua");
    static final Script PRUNE = load("prune.lua");
    static final Script NOTE = load("note.lua");
    static final Script LOOK = load("look.lua");
    static final Script HEAL = load("heal.lua");
    static final Script REKEY = load("rekey.lua");
    static final Script AUDIT = load("audit.lua");
    static final Script CONFIGURE = load("configure.lua");
    static final Script KEYS = load("keys.lua");

    private Scripts() {}

    private static Script load(String file) {
        return Script.load(Scripts.class, file);
    }
}
