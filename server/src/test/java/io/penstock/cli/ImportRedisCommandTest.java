package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.EmbeddedRedis;
import io.penstock.importer.Fixture;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import io.penstock.redis.RedisConfig;
import io.penstock.runtime.Clock;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports what the real libraries wrote; import-fixtures/README.md says which. */
@ExtendWith(RigExtension.class)
final class ImportRedisCommandTest {
    private static EmbeddedRedis server;
    private static Threads threads;
    private static Timer timer;
    private static Redis source;

    private final String orders = Rig.queue();
    private final String halted = Rig.queue();

    @BeforeAll
    static void start() {
        server = EmbeddedRedis.builder().persistence(false).start();
        threads = new Threads(10);
        timer = new Timer(Clock.system(), threads);
        source = Redis.connect(RedisConfig.of(server.uri()), Clock.system(), timer);
    }

    @AfterAll
    static void stop() {
        source.close();
        timer.close();
        threads.close();
        server.close();
    }

    @BeforeEach
    void empty() {
        source.await(source.command("FLUSHALL", new Call(16)));
    }

    private static Object ask(String command, String key, String... arguments) {
        Call call = new Call(256).key(Redis.utf8(key));
        for (String argument : arguments) {
            call.arg(argument);
        }
        return source.await(source.command(command, call)).get(0);
    }

    private static Shell.Result run(Rig rig, String system, String... more) {
        List<String> all = new ArrayList<>(List.of("import", system, "--from", server.uri(), "-o", "json"));
        all.addAll(List.of(more));
        return Shell.at(rig).run(all.toArray(String[]::new));
    }

    private Shell.Result bull(Rig rig, String fixture, String... more) {
        String system = fixture.replaceAll("\\d$", "");
        return run(
                rig,
                system,
                Stream.concat(Stream.of("--queue", "orders=" + orders, "--queue", "halted=" + halted), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static List<JsonNode> jobs(Rig rig, String queue, String state) {
        JsonNode page = rig.get("/api/v1/jobs?limit=100&queue=" + queue + "&state=" + state)
                .json();
        return StreamSupport.stream(page.path("items").spliterator(), false)
                .map(job -> rig.job(job.path("id").asText()))
                .toList();
    }

    private static JsonNode named(List<JsonNode> jobs, String type) {
        return jobs.stream()
                .filter(job -> job.path("type").asText().equals(type))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type + " in " + jobs));
    }

    private static long total(Shell.Result result, String what) {
        return result.json().path("totals").path(what).asLong();
    }

    @ParameterizedTest
    @CsvSource({"bull3, 15", "bull4, 15", "bullmq4, 15", "bullmq5, 15", "bullmq6, 16"})
    void takesEachJobOnceAndLeavesTheSourceAsItWas(String fixture, int jobs, Rig rig) {
        Fixture.load(source, fixture);
        String before = Fixture.digest(source);
        Shell.Result dry = bull(rig, fixture, "--dry-run");
        assertThat(total(dry, "imported")).isEqualTo(jobs);
        assertThat(rig.get("/api/v1/queues/" + orders).status()).isEqualTo(404);
        Shell.Result first = bull(rig, fixture);
        assertThat(first.code()).as(first.out() + first.err()).isEqualTo(8);
        assertThat(total(first, "imported")).as(first.out()).isEqualTo(jobs);
        Shell.Result second = bull(rig, fixture);
        assertThat(total(second, "imported")).isZero();
        assertThat(total(second, "before")).isEqualTo(jobs);
        assertThat(jobs(rig, halted, "waiting")).hasSize(2);
        assertThat(jobs(rig, orders, "failed")).hasSize(1);
        assertThat(jobs(rig, orders, "delayed")).hasSize(2);
        assertThat(jobs(rig, orders, "waiting")).hasSize(jobs - 5);
        assertThat(Fixture.digest(source)).as("the source").isEqualTo(before);
        assertThat(Shell.at(rig).run("doctor", "--fix", "--dry-run").out()).doesNotContain(orders);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bull3", "bull4", "bullmq4", "bullmq5", "bullmq6"})
    void keepsWhatAJobIs(String fixture, Rig rig) {
        Fixture.load(source, fixture);
        bull(rig, fixture);
        List<JsonNode> waiting = jobs(rig, orders, "waiting");
        JsonNode mail = waiting.stream()
                .filter(job -> job.path("payload").has("to"))
                .findFirst()
                .orElseThrow();
        assertThat(mail.path("type").asText()).isEqualTo("mail.send");
        assertThat(mail.path("payload").toString())
                .isEqualTo("{\"to\":\"zoë@example.org\",\"text\":\"héllo 世界 🚀\",\"nul\":\"a\\u0000b\"}");
        assertThat(mail.at("/metadata/import.queue").asText()).isEqualTo("orders");
        assertThat(mail.path("createdAt").asText()).startsWith("20");
        JsonNode second = waiting.stream()
                .filter(job -> job.path("payload").has("second"))
                .findFirst()
                .orElseThrow();
        assertThat(second.path("maxAttempts").asInt()).isEqualTo(5);
        assertThat(named(waiting, "n-code-with.stuff").path("maxAttempts").asInt())
                .isEqualTo(3);
        assertThat(named(waiting, "big").at("/payload/text").asText()).hasSize(20_000);
        boolean mq = fixture.startsWith("bullmq");
        assertThat(named(waiting, "urgent").path("priority").asText()).isEqualTo(mq ? "low" : "high");
        JsonNode later = named(jobs(rig, orders, "delayed"), "later");
        String id = later.at("/metadata/import.id").asText();
        String score = Redis.text(ask("ZSCORE", "bull:orders:delayed", id));
        assertThat(later.path("runAt").asText())
                .isEqualTo(java.time.Instant.ofEpochMilli((long) (Double.parseDouble(score) / 4_096))
                        .toString());
        JsonNode retry = named(jobs(rig, orders, "delayed"), "retry");
        assertThat(retry.path("attempt").asInt()).isEqualTo(1);
        assertThat(retry.path("maxAttempts").asInt()).isEqualTo(4);
        assertThat(retry.at("/metadata/import.error").asText()).contains("timeout of 30 s");
        JsonNode dead = named(jobs(rig, orders, "failed"), "dead");
        assertThat(dead.at("/error/type").asText()).isEqualTo("TypeError");
        assertThat(dead.at("/error/message").asText()).isEqualTo("no such «customer» 客户");
        assertThat(dead.at("/error/stack").asText()).contains("bull");
        assertThat(dead.at("/payload/deep/a").toString()).isEqualTo("[1,2.5,null,true]");
        assertThat(dead.path("attempt").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bull4", "bullmq5", "bullmq6"})
    void saysWhatItDidNotTakeAndWhy(String fixture, Rig rig) {
        Fixture.load(source, fixture);
        String told = bull(rig, fixture, "--dry-run").out();
        assertThat(told)
                .contains("an id without a job behind it", "orders ghost-1", "orders ghost-2", "its data is not JSON")
                .contains("orders bad-json", "active: a worker", "its options can not be read", "ping");
        if (fixture.startsWith("bullmq")) {
            assertThat(told).contains("a child of a flow", "parents of flows", "every 60000 ms");
        }
        if (!fixture.equals("bullmq6")) { // there what is added with a pattern is a job like any other
            assertThat(told).contains("0 * * * *");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bull4", "bullmq4", "bullmq5", "bullmq6"})
    void removesOnlyWhatIsInWhenAsked(String fixture, Rig rig) {
        Fixture.load(source, fixture);
        assertThat(bull(rig, fixture, "--delete-source").code())
                .as("nobody there to confirm")
                .isEqualTo(2);
        Shell.Result result = bull(rig, fixture, "--delete-source", "-y");
        assertThat(total(result, "removed"))
                .isEqualTo(total(result, "imported"))
                .isPositive();
        assertThat(ask("EXISTS", "bull:orders:5")).isEqualTo(0L);
        assertThat(ask("EXISTS", "bull:orders:4")).as("active").isEqualTo(1L);
        assertThat(ask("LLEN", "bull:orders:active")).isEqualTo(1L);
        assertThat(ask("EXISTS", "bull:orders:bad-json")).isEqualTo(1L);
        assertThat(ask("EXISTS", "bull:orders:repeat")).isEqualTo(1L);
        assertThat(ask("ZCARD", "bull:orders:failed")).as("ghost-2").isEqualTo(1L);
        assertThat(total(bull(rig, fixture), "imported")).isZero();
    }

    @Test
    void deletesNothingThatWasRefused(Rig rig) {
        ask("LPUSH", "bull:orders:wait", "1", "2", "3");
        ask(
                "HSET",
                "bull:orders:1",
                "name",
                "a",
                "data",
                "\"" + "x".repeat(300_000) + "\"",
                "timestamp",
                "1700000000000");
        ask(
                "HSET",
                "bull:orders:2",
                "name",
                "a",
                "data",
                "\"" + "x".repeat(950_000) + "\"",
                "timestamp",
                "1700000000000");
        ask(
                "HSET",
                "bull:orders:3",
                "name",
                "a",
                "data",
                "[".repeat(70) + "]".repeat(70),
                "timestamp",
                "1700000000000");
        Shell.Result result = run(rig, "bull", "--queue", "orders=" + orders, "--delete-source", "-y");
        assertThat(result.code()).as(result.err()).isEqualTo(1);
        assertThat(result.out()).contains("over the limit of N", "no request can carry it", "not JSON");
        assertThat(ask("LLEN", "bull:orders:wait")).isEqualTo(3L);
        assertThat(ask("EXISTS", "bull:orders:1")).isEqualTo(1L);
    }

    @Test
    void namesOtherwiseWhatItIsTold(Rig rig) {
        Fixture.load(source, "bull4");
        Shell.Result result = bull(
                rig,
                "bull4",
                "--type",
                "mail.send=post.send",
                "--priority",
                "5=critical",
                "--priority",
                "200=low",
                "--state",
                "waiting");
        assertThat(total(result, "imported")).isEqualTo(12);
        List<JsonNode> waiting = jobs(rig, orders, "waiting");
        assertThat(named(waiting, "post.send").isObject()).isTrue();
        assertThat(named(waiting, "urgent").path("priority").asText()).isEqualTo("critical");
        assertThat(named(waiting, "lesser").path("priority").asText()).isEqualTo("low");
        assertThat(jobs(rig, orders, "failed")).isEmpty();
    }

    @Test
    void runsFailedJobsAgainWhenAsked(Rig rig) {
        Fixture.load(source, "bullmq6");
        bull(rig, "bullmq6", "--state", "failed", "--retry-failed");
        JsonNode dead = named(jobs(rig, orders, "waiting"), "dead");
        assertThat(dead.path("attempt").asInt()).isZero();
        assertThat(dead.at("/metadata/import.error").asText()).startsWith("TypeError: no such");
    }

    @Test
    void refusesBullMqAsBullAndItsOwnPrefix(Rig rig) {
        Fixture.load(source, "bullmq5");
        Shell.Result wrong = run(rig, "bull", "--queue", "orders=" + orders);
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("import bullmq");
        assertThat(run(rig, "bull", "--prefix", "pk:{x}").err()).contains("Penstock's own");
        assertThat(run(rig, "asynq", "--prefix", "x").code()).isEqualTo(2);
        assertThat(run(rig, "bull", "--state", "active").code()).isEqualTo(2);
        assertThat(Shell.at(rig)
                        .run("import", "bull", "--from", "redis://127.0.0.1:1")
                        .code())
                .isEqualTo(6);
    }

    @Test
    void findsTheQueuesItself(Rig rig) {
        Fixture.load(source, "bull4");
        JsonNode queues = run(rig, "bull", "--dry-run").json().path("queues");
        assertThat(queues.findValuesAsText("from")).contains("orders", "halted").doesNotContain("id");
    }

    @Test
    void takesSidekiqsJobs(Rig rig) {
        Fixture.load(source, "sidekiq6");
        String before = Fixture.digest(source);
        String mail = Rig.queue();
        String low = Rig.queue();
        String[] names = {"--queue", "default=" + orders, "--queue", "mail=" + mail, "--queue", "low=" + low};
        Shell.Result first = run(rig, "sidekiq", names);
        assertThat(first.code()).as(first.err()).isEqualTo(8);
        assertThat(total(first, "imported")).as(first.out()).isEqualTo(12);
        assertThat(total(first, "notTaken")).isEqualTo(4);
        assertThat(total(run(rig, "sidekiq", names), "before")).isEqualTo(12);
        assertThat(Fixture.digest(source)).isEqualTo(before);

        List<JsonNode> waiting = jobs(rig, orders, "waiting");
        assertThat(waiting.get(0).path("payload").toString()).isEqualTo("[\"héllo 世界 🚀\",\"a\\u0000b\"]");
        assertThat(waiting.get(0).path("maxAttempts").asInt()).isEqualTo(26);
        assertThat(named(waiting, "Eight").path("createdAt").asText()).isEqualTo("2025-10-09T08:53:20.123Z");
        assertThat(named(jobs(rig, mail, "waiting"), "Orders.ShipJob")
                        .path("payload")
                        .toString())
                .isEqualTo("[7,{\"express\":true}]");
        assertThat(named(jobs(rig, mail, "delayed"), "MailWorker")
                        .path("maxAttempts")
                        .asInt())
                .isEqualTo(6);
        JsonNode retry = named(jobs(rig, low, "delayed"), "Billing.Retry");
        assertThat(retry.path("attempt").asInt()).isEqualTo(1);
        assertThat(retry.path("payload").toString()).isEqualTo("[\"9007199254740993\",9007199254740993]");
        JsonNode dead = named(jobs(rig, orders, "failed"), "Dead");
        assertThat(dead.at("/error/type").asText()).isEqualTo("TypeError");
        assertThat(dead.at("/error/message").asText()).isEqualTo("no such «customer» 客户");

        Shell.Result delete = run(rig, "sidekiq", "--queue", "mail=" + mail, "--delete-source", "-y");
        assertThat(total(delete, "removed")).isEqualTo(4);
        assertThat(ask("EXISTS", "queue:mail")).isEqualTo(0L);
        assertThat(ask("ZCARD", "dead")).as("of another queue").isEqualTo(1L);
    }

    @Test
    void takesAsynqsTasks(Rig rig) {
        Fixture.load(source, "asynq");
        String low = Rig.queue();
        String[] names = {"--queue", "default=" + orders, "--queue", "low=" + low};
        Shell.Result first = run(rig, "asynq", names);
        assertThat(total(first, "imported")).as(first.out()).isEqualTo(9);
        assertThat(first.out()).contains("active", "completed", "groups", "schedulers", "deadline", "uniqueness");
        assertThat(total(run(rig, "asynq", names), "before")).isEqualTo(9);
        List<JsonNode> waiting = jobs(rig, orders, "waiting");
        assertThat(waiting.get(0).path("type").asText()).isEqualTo("email-welcome");
        assertThat(waiting.get(0).path("payload").toString())
                .isEqualTo("{\"to\":\"zoë@example.org\",\"text\":\"héllo 世界 🚀\"}");
        assertThat(waiting.get(0).path("maxAttempts").asInt()).isEqualTo(26);
        assertThat(named(waiting, "image-resize").at("/payload/base64").asText())
                .isEqualTo("AAEC/v8=");
        assertThat(named(waiting, "image-resize")
                        .at("/metadata/header.trace-id")
                        .asText())
                .isEqualTo("abc");
        assertThat(named(waiting, "plain").path("payload").isNull()).isTrue();
        JsonNode retry = named(jobs(rig, orders, "delayed"), "retry");
        assertThat(retry.path("attempt").asInt()).isEqualTo(2);
        assertThat(retry.path("maxAttempts").asInt()).isEqualTo(5);
        JsonNode dead = named(jobs(rig, orders, "failed"), "dead");
        assertThat(dead.path("attempt").asInt()).isEqualTo(2);
        assertThat(dead.at("/error/message").asText()).isEqualTo("no such «customer» 客户");
        Shell.Result delete =
                run(rig, "asynq", "--queue", "default=" + orders, "--queue", "low=" + low, "--delete-source", "-y");
        assertThat(total(delete, "removed")).isEqualTo(9);
        assertThat(ask("EXISTS", "asynq:{default}:t:order:42")).isEqualTo(0L);
        assertThat(ask("EXISTS", "asynq:{default}:unique:u:1")).isEqualTo(0L);
        assertThat(ask("LLEN", "asynq:{default}:active")).isEqualTo(1L);
    }

    @Test
    void goesOnWhereAnImportWasStopped(Rig rig) {
        for (int i = 0; i < 700; i++) {
            ask("LPUSH", "bull:orders:wait", "" + i);
            ask("HSET", "bull:orders:" + i, "name", "n", "data", "{\"n\":" + i + "}", "timestamp", "1700000000000");
        }
        rig.send("PUT", "/api/v1/queues/" + orders, "{\"maxJobs\":300}");
        Shell.Result stopped = run(rig, "bull", "--queue", "orders=" + orders, "--patience", "0s");
        assertThat(total(stopped, "imported")).isEqualTo(300);
        assertThat(stopped.code()).isEqualTo(8);
        rig.send("PUT", "/api/v1/queues/" + orders, "{}");
        Shell.Result rest = run(rig, "bull", "--queue", "orders=" + orders);
        assertThat(total(rest, "imported")).isEqualTo(400);
        assertThat(total(rest, "before")).isEqualTo(300);
        assertThat(rig.get("/api/v1/queues/" + orders)
                        .json()
                        .at("/counts/waiting")
                        .asInt())
                .isEqualTo(700);
    }
}
