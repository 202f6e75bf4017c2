package io.penstock.queue;

import static io.penstock.redis.Redis.utf8;

import io.penstock.job.JobId;
import io.penstock.job.Unique;

/**
 * Every key of one queue; docs/redis-keys.md says what is in them.
 *
 * <p>All of them share the hash tag {@code {queue}}, so a queue lives in one slot of a Cluster and each script may touch
 * all of it. One letter a kind keeps millions of keys small.
 */
final class QueueKeys {
    /** Names of all queues of this Redis, a set; the one key without a queue's tag. */
    static final byte[] QUEUES = utf8("pk:queues");

    /** Hashes over which unique keys are spread, so that none grows past some ten thousand fields. */
    private static final int UNIQUE_SHARDS = 256;

    private final String prefix;
    final byte[] settings;
    final byte[] counters;
    final byte[] blocks;
    final byte[] marks;
    final byte[][] lines;
    final byte[] delayed;
    final byte[] active;
    final byte[] ghosts;
    final byte[] crashes;
    final byte[] leases;
    final byte[] dead;
    final byte[] quiet;
    final byte[] requests;
    final byte[] watched;
    final byte[] completed;
    final byte[] retained;
    final byte[] givenBack;
    final byte[] inbox;
    final byte[] groupRules;
    final byte[] waiters;
    final byte[] flowEnds;
    final byte[] flowTodo;
    final byte[] blocked;
    final byte[] failed;
    final byte[] cancelled;
    final String wakeChannel;
    final String eventChannel;

    QueueKeys(String queue) {
        prefix = "pk:{" + queue + "}:";
        settings = key("m");
        counters = key("n");
        blocks = key("b");
        marks = key("p");
        lines = new byte[][] {key("w0"), key("w1"), key("w2"), key("w3")};
        delayed = key("d");
        active = key("a");
        ghosts = key("g");
        crashes = key("x");
        leases = key("l");
        dead = key("r");
        quiet = key("q");
        requests = key("k");
        watched = key("v");
        completed = key("c");
        retained = key("y");
        givenBack = key("z");
        inbox = key("zi");
        groupRules = key("zc");
        waiters = key("zw");
        flowEnds = key("h");
        flowTodo = key("ht");
        blocked = key("B");
        failed = key("e");
        cancelled = key("o");
        wakeChannel = prefix + "wake";
        eventChannel = prefix + "events";
    }

    private byte[] key(String rest) {
        return utf8(prefix + rest);
    }

    /** The records of a block: hash of serial to record. */
    byte[] records(String block) {
        return key("j:" + block);
    }

    /** How the jobs of a block ended: hash of serial to finish record. */
    byte[] finishes(String block) {
        return key("f:" + block);
    }

    /** What a job gathers while it runs: steps, progress, logs, attempts. */
    byte[] extras(String serial) {
        return key("s:" + serial);
    }

    /** What a running job emits. */
    byte[] feed(String serial) {
        return key("E:" + serial);
    }

    /** Where it is told. */
    String feedChannel(String serial) {
        return prefix + "feed:" + serial;
    }

    /** The marks of one relay's blocks: hash of block to nonce and last serial added; see Handover. */
    byte[] relayMarks(String nonce) {
        return key("P:" + nonce);
    }

    /** What is known of a worker incarnation. */
    byte[] incarnation(String number) {
        return key("i:" + number);
    }

    /** A flow or batch: the hash, what it has left to do here, nodes with something to do elsewhere, undos. */
    byte[][] flow(String flow) {
        return new byte[][] {key("F:" + flow), key("hw:" + flow), key("ho:" + flow), key("hu:" + flow)};
    }

    /** Where the holder of this unique key is written. */
    byte[] unique(Unique unique) {
        return unique.mode() == Unique.Mode.THROTTLE
                ? key("t:" + unique.key())
                : uniqueShard(Math.floorMod(unique.key().hashCode(), UNIQUE_SHARDS));
    }

    /** Where the job of a request is written. */
    byte[] once(String key) {
        return key("O:" + key);
    }

    byte[] uniqueShard(int shard) {
        return key("u:" + Integer.toHexString(shard));
    }

    static int uniqueShards() {
        return UNIQUE_SHARDS;
    }

    byte[] recordsOf(JobId id) {
        return records(id.block());
    }

    byte[] finishesOf(JobId id) {
        return finishes(id.block());
    }

    /** A key of the gate: what follows its letter, as in {@code g2:acme}. */
    byte[] gate(String rest) {
        return key("z" + rest);
    }

    /** Pattern of all keys of the queue, for deletion and repair; the tag is literal. */
    String pattern() {
        return prefix.replace("{", "\\{").replace("}", "\\}") + "*";
    }

    String prefix() {
        return prefix;
    }
}
