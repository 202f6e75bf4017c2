package io.penstock.importer;

import io.penstock.redis.Redis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks over one place in slices while the source goes on working.
 *
 * <p>A list is walked from its tail, where its oldest job is, to its head. Producers push at the head meanwhile, workers pop
 * at the tail, we remove in between, so neither end counts: each slice begins before the job that was seen last, wherever
 * that is now; if it is gone, all that were seen before it are, and what is left is new. A sorted set is walked by score, each
 * time from the last one seen. A job may come twice, which its origin tells; one that comes while we walk may be missed.
 */
final class Walk {
    /** Most members of a slice: ids, so some ten KiB. */
    static final int MOST = 500;

    /** Bytes of members that a slice should have, where a member is a whole job. */
    private static final long SLICE_BYTES = 1 << 20;

    /** Members among which the one seen last is looked for first: what producers push between two slices. */
    private static final int NEAR = 16;

    /** How often a list is begun anew because its last seen job was gone, before that is taken for the end. */
    private static final int MOST_RESTARTS = 100;

    private final Remote remote;
    private final Place place;
    private final Set<Member> removed = new HashSet<>();
    private List<Member> slice = List.of();
    private byte @Nullable [] anchor; // the last one seen that is still there
    private long left;
    private long budget;
    private int restarts;
    private boolean ended;
    private int size = 50;
    private String score = "-inf";
    private long behind;

    Walk(Remote remote, Place place) {
        this.remote = remote;
        this.place = place;
        this.left = remote.count(place.list() ? "LLEN" : "ZCARD", place.key());
        this.budget = 4 * left + 10_000; // whoever pushes as fast as we read has no end
    }

    /** Returns the next members, none at the end. */
    List<Member> next() {
        slice = place.list() ? nextOfList() : nextOfSet();
        removed.clear();
        budget -= slice.size();
        long bytes = 1;
        for (Member member : slice) {
            bytes += member.bytes().length;
        }
        size = (int) Math.max(1, Math.min(MOST, slice.isEmpty() ? size : SLICE_BYTES * slice.size() / bytes));
        return slice;
    }

    private List<Member> nextOfList() {
        for (int i = slice.size() - 1; i >= 0; i--) {
            if (!removed.contains(slice.get(i))) {
                anchor = slice.get(i).bytes();
                break;
            }
        }
        if (!slice.isEmpty() && !ended) {
            left = unseen();
        }
        if (ended || left <= 0 || budget <= 0) {
            return List.of();
        }
        long from = Math.max(0, left - size);
        List<Object> reply = remote.run("LRANGE", place.key(), from, left - 1);
        left = from;
        ended = from == 0; // whatever was pushed before this call
        List<Member> members = new ArrayList<>(reply.size());
        for (int i = reply.size() - 1; i >= 0; i--) {
            members.add(new Member((byte[]) reply.get(i), ""));
        }
        return members.isEmpty() && left > 0 ? again() : members;
    }

    /** Workers have emptied this part meanwhile; what is nearer to the head may still be there. */
    private List<Member> again() {
        left = remote.count("LLEN", place.key());
        slice = List.of();
        return restarts++ < MOST_RESTARTS ? nextOfList() : List.of();
    }

    /** How many stand before the one seen last. */
    private long unseen() {
        byte[] last = anchor;
        if (last == null) {
            return remote.count("LLEN", place.key());
        }
        long at = left;
        for (int step = NEAR; ; step = Math.max(NEAR, size)) {
            List<Object> reply = remote.run("LRANGE", place.key(), at, at + step - 1);
            for (int i = 0; i < reply.size(); i++) {
                if (Arrays.equals((byte[]) reply.get(i), last)) {
                    return at + i;
                }
            }
            at += reply.size();
            if (reply.size() < step) {
                anchor = null;
                return restarts++ < MOST_RESTARTS ? remote.count("LLEN", place.key()) : 0;
            }
        }
    }

    private List<Member> nextOfSet() {
        if (budget <= 0) {
            return List.of();
        }
        List<Object> reply =
                remote.run("ZRANGEBYSCORE", place.key(), score, "+inf", "WITHSCORES", "LIMIT", behind, (long) size);
        List<Member> members = new ArrayList<>(reply.size() / 2);
        for (int i = 0; i + 1 < reply.size(); i += 2) {
            String at = Redis.text(reply.get(i + 1));
            members.add(new Member((byte[]) reply.get(i), at));
            behind = at.equals(score) ? behind + 1 : 1;
            score = at;
        }
        return members;
    }

    /** One that was seen is no longer there, so it is not to be passed over. */
    void removed(Member member) {
        if (place.list()) {
            removed.add(member);
        } else if (member.score().equals(score)) {
            behind--;
        }
    }
}
