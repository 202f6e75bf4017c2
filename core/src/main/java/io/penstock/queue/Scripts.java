package io.penstock.queue;

import io.penstock.redis.Script;

/** The Lua scripts of the queue protocol, one file each beside this class. */
final class Scripts {
    static final Script ADD = delayed("add.lua");
    static final Script ADD_GATED = load("add.lua", "delayed.lua", "gate.lua");
    static final Script RESERVE = load("reserve.lua");
    static final Script TAKE = load("take.lua", "pass.lua");
    static final Script TAKE_GATED = load("take.lua", "gate.lua", "pass.lua", "draw.lua");
    static final Script ONWARD = load("onward.lua", "pass.lua");
    static final Script GATHER = load("gather.lua", "gate.lua");
    static final Script REGATE = load("regate.lua", "gate.lua");
    static final Script REGULATE = load("regulate.lua", "gate.lua");
    static final Script GROUPS = load("groups.lua", "gate.lua");
    static final Script QUEUED = load("queued.lua", "gate.lua");
    static final Script FINISH = delayed("finish.lua");
    static final Script JOIN = load("join.lua");
    static final Script EXTEND = load("extend.lua");
    static final Script LEAVE = load("leave.lua");
    static final Script PROMOTE = delayed("promote.lua");
    static final Script FENCE = load("fence.lua");
    static final Script MOVE = load("move.lua", "delayed.lua", "line.lua", "loosen.lua");
    static final Script REPLACE = load("replace.lua", "delayed.lua", "loosen.lua");
    static final Script PURGE = delayed("purge.lua");
    static final Script PRUNE = load("prune.lua");
    static final Script NOTE = load("note.lua");
    static final Script EMIT = load("emit.lua");
    static final Script UPCOMING = delayed("upcoming.lua");
    static final Script LOOK = delayed("look.lua");
    static final Script GLANCE = load("glance.lua");
    static final Script HEAL = load("heal.lua", "delayed.lua", "gate.lua");
    static final Script REKEY = load("rekey.lua");
    static final Script AUDIT = delayed("audit.lua");
    static final Script CONFIGURE = load("configure.lua");
    static final Script WAIT = load("wait.lua");
    static final Script SIGNAL = load("signal.lua", "delayed.lua", "line.lua");
    static final Script SETTLE = load("settle.lua");
    static final Script KEYS = load("keys.lua");
    static final Script REFLOW = load("reflow.lua");
    static final Script RETELL = load("retell.lua");
    static final Script WEAVE = load("weave.lua");
    static final Script ENDS = load("ends.lua");
    static final Script TRIM = load("trim.lua");
    static final Script CHILDREN = load("children.lua");
    static final Script UNBLOCK = load("unblock.lua", "delayed.lua", "line.lua", "release.lua");
    static final Script ADVANCE = load("advance.lua", "delayed.lua", "line.lua", "release.lua");

    private Scripts() {}

    private static Script load(String file, String... before) {
        return Script.load(Scripts.class, file, before);
    }

    /** One that reads or changes the index of delayed jobs. */
    private static Script delayed(String file) {
        return Script.load(Scripts.class, file, "delayed.lua");
    }
}
