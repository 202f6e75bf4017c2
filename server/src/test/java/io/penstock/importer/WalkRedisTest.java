package io.penstock.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Walks over lists and sets that others change meanwhile. */
final class WalkRedisTest {
    private static EmbeddedRedis server;
    private static Threads threads;
    private static Timer timer;
    private static Redis redis;
    private static Remote remote;

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.builder().persistence(false).start();
        threads = new Threads(10);
        timer = new Timer(Clock.system(), threads);
        redis = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer);
        remote = new Remote(redis, Clock.system());
    }

    @AfterAll
    static void stop() {
        redis.close();
        timer.close();
        threads.close();
        server.close();
    }

    @BeforeEach
    void empty() {
        remote.run("UNLINK", "k");
    }

    private static List<String> texts(List<Member> slice) {
        return slice.stream().map(Member::text).toList();
    }

    @Test
    void takesAListFromItsTail() {
        for (int i = 0; i < 1_234; i++) {
            remote.run("LPUSH", "k", i);
        }
        Walk walk = new Walk(remote, Place.list("k", "q"));
        List<String> seen = new ArrayList<>();
        for (List<Member> slice = walk.next(); !slice.isEmpty(); slice = walk.next()) {
            seen.addAll(texts(slice));
        }
        assertThat(seen).hasSize(1_234).startsWith("0", "1", "2").endsWith("1232", "1233");
    }

    @Test
    void passesNoJobOverWhileProducersPushAndWorkersPop() {
        for (int i = 0; i < 2_000; i++) {
            remote.run("LPUSH", "k", i);
        }
        Walk walk = new Walk(remote, Place.list("k", "q"));
        Set<String> seen = new HashSet<>();
        Set<String> popped = new HashSet<>();
        int pushed = 2_000;
        int slices = 0;
        for (List<Member> slice = walk.next(); !slice.isEmpty(); slice = walk.next()) {
            assertThat(slices++).isLessThan(100);
            seen.addAll(texts(slice));
            for (int i = 0; i < 7; i++) {
                remote.run("LPUSH", "k", pushed++);
                remote.texts("RPOP", "k").forEach(popped::add);
                remote.texts("RPOP", "k").forEach(popped::add);
            }
        }
        for (int i = 0; i < 2_000; i++) {
            String job = Integer.toString(i);
            assertThat(seen.contains(job) || popped.contains(job)).as(job).isTrue();
        }
    }

    @Test
    void passesNoJobOverWhileItsOwnAreRemoved() {
        for (int i = 0; i < 2_000; i++) {
            remote.run("LPUSH", "k", i);
        }
        Walk walk = new Walk(remote, Place.list("k", "q"));
        Set<String> seen = new HashSet<>();
        int pushed = 2_000;
        for (List<Member> slice = walk.next(); !slice.isEmpty(); slice = walk.next()) {
            for (Member member : slice) {
                boolean first = seen.add(member.text());
                if (first && Integer.parseInt(member.text()) % 100 != 7) {
                    remote.run("LREM", "k", -1, member.bytes());
                    walk.removed(member);
                }
            }
            for (int i = 0; i < 5; i++) {
                remote.run("LPUSH", "k", pushed++);
            }
        }
        assertThat(seen).hasSizeGreaterThanOrEqualTo(2_000);
        assertThat(remote.count("LLEN", "k"))
                .as("kept, and those that came last")
                .isBetween(20L, 40L);
    }

    @Test
    void takesASetByScoreAlsoWhereManyShareOneAndSomeAreRemoved() {
        for (int i = 0; i < 1_500; i++) {
            remote.run("ZADD", "k", i / 700, "m" + i);
        }
        Walk walk = new Walk(remote, Place.sorted("k", "q", "delayed"));
        Set<String> seen = new HashSet<>();
        for (List<Member> slice = walk.next(); !slice.isEmpty(); slice = walk.next()) {
            for (Member member : slice) {
                assertThat(seen.add(member.text())).as(member.text()).isTrue();
                if (seen.size() % 3 == 0) {
                    remote.run("ZREM", "k", member.bytes());
                    walk.removed(member);
                }
            }
        }
        assertThat(seen).hasSize(1_500);
    }

    @Test
    void readsFewMembersAtOnceWhereTheyAreLarge() {
        String large = "x".repeat(200_000);
        for (int i = 0; i < 60; i++) {
            remote.run("LPUSH", "k", large);
        }
        Walk walk = new Walk(remote, Place.list("k", "q"));
        walk.next(); // the first slice can not know
        assertThat(walk.next()).hasSizeLessThanOrEqualTo(5);
    }
}
