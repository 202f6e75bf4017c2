package io.penstock.importer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.redis.Call;
import io.penstock.redis.Redis;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/** Keys that a real library wrote, put into a Redis; see import-fixtures/README.md. */
public final class Fixture {
    private Fixture() {}

    /** Writes all keys of a fixture. */
    public static void load(Redis redis, String name) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(Fixture.class.getResourceAsStream("/import/" + name + ".jsonl")),
                StandardCharsets.UTF_8))) {
            in.lines().forEach(line -> write(redis, Objects.requireNonNull(Json.read(Redis.utf8(line)))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Redis redis, JsonNode entry) {
        String key = entry.path("key").asText();
        Call call = new Call(256).key(Redis.utf8(key));
        JsonNode value = entry.path("value");
        String command = switch (entry.path("type").asText()) {
            case "string" -> "SET";
            case "list" -> "RPUSH";
            case "set" -> "SADD";
            case "hash" -> "HSET";
            default -> "ZADD";
        };
        if (command.equals("SET")) {
            call.arg(bytes(value));
        }
        for (JsonNode each : command.equals("SET") ? Json.object() : value) {
            switch (command) {
                case "HSET" -> call.arg(bytes(each.path(0))).arg(bytes(each.path(1)));
                case "ZADD" ->
                    call.arg(Double.toString(each.path(1).asDouble() + later(key)))
                            .arg(bytes(each.path(0)));
                default -> call.arg(bytes(each));
            }
        }
        redis.await(redis.command(command, call));
    }

    /** What was due when the fixture was made is due half a century later, so that it is not due when the test runs. */
    private static double later(String key) {
        double seconds = 50.0 * 365 * 86_400;
        if (key.endsWith(":delayed")) {
            return seconds * 1_000 * 4_096;
        }
        return key.equals("schedule") || key.equals("retry") || key.endsWith(":scheduled") || key.endsWith(":retry")
                ? seconds
                : 0;
    }

    private static byte[] bytes(JsonNode value) {
        return value.isObject()
                ? Base64.getDecoder().decode(value.path("base64").asText())
                : value.asText().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a digest of all that is there, to see whether anything was changed. */
    public static String digest(Redis redis) {
        String script = """
                local all, sum = redis.call('KEYS', '*'), ''
                table.sort(all)
                for _, key in ipairs(all) do
                  local kind, flat = redis.call('TYPE', key).ok, nil
                  if kind == 'hash' then
                    local fields = redis.call('HGETALL', key)
                    flat = {}
                    for i = 1, #fields, 2 do flat[#flat + 1] = fields[i] .. '=' .. fields[i + 1] end
                    table.sort(flat)
                  elseif kind == 'set' then
                    flat = redis.call('SMEMBERS', key)
                    table.sort(flat)
                  elseif kind == 'list' then
                    flat = redis.call('LRANGE', key, 0, -1)
                  elseif kind == 'zset' then
                    flat = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
                  else
                    flat = {redis.call('GET', key)}
                  end
                  sum = redis.sha1hex(sum .. key .. table.concat(flat, ','))
                end
                return sum
                """;
        String digest = Redis.text(
                redis.await(redis.command("EVAL", new Call(256).arg(script).arg(0)))
                        .get(0));
        assertThat(digest).isNotEmpty();
        return digest;
    }
}
