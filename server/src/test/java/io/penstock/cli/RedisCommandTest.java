package io.penstock.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RigExtension.class)
final class RedisCommandTest {
    @Test
    void showsRedisWithin80Columns(Rig rig) {
        Shell shell = Shell.at(rig);
        await().until(() -> !shell.run("redis", "latency", "-o", "json")
                .json()
                .path("recent")
                .isEmpty());
        Shell.Result info = shell.run("redis", "info");
        assertThat(info.code()).isZero();
        assertThat(info.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(info.out())
                .contains("health")
                .contains("latency")
                .contains("p99")
                .contains("memory")
                .contains("replication  master")
                .containsPattern("of them this server's [12]");
        assertThat(shell.run("redis", "pool").out()).contains("max").contains("20");
        assertThat(shell.run("redis", "pool", "-o", "json")
                        .json()
                        .path("timeouts")
                        .asInt())
                .isZero();
        assertThat(shell.run("redis", "latency").out())
                .contains("P99 MS")
                .contains("command")
                .contains("acquire");
        assertThat(shell.run("redis", "latency", "--recent").out())
                .contains("MEAN MS")
                .contains("Z");
        assertThat(shell.run("redis").code()).isEqualTo(2);
    }

    @Test
    void endsWithSixWhenTheServerIsAway() {
        assertThat(new Shell()
                        .with("PENSTOCK_URL", "http://127.0.0.1:1")
                        .run("redis", "info")
                        .code())
                .isEqualTo(6);
    }
}
