package io.penstock.examples.chat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.examples.chat.acceptance.Chats.Outcome;
import io.penstock.examples.chat.replay.OldDesign;
import io.penstock.examples.chat.stub.StubModel;
import io.penstock.examples.chat.stub.StubSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The acceptance in small, in one process and in a few seconds: that everything is answered, not how fast. */
class SmokeTest {
    private static final int REQUESTS = 500;
    private static final int CALLERS = 20;
    private static final int CHATS = 10;
    private static final StubSettings QUICK = StubSettings.DEFAULT.pace(5, 1, 10);

    @Test
    void theReplayAnswersEverybodyInItsOwnTime() throws Exception {
        try (EmbeddedRedis redis = redis();
                StubModel model = StubModel.start(0, QUICK);
                OldDesign replay = new OldDesign(0, redis.uri(), model.endpoint())) {
            answersEverybody(URI.create(replay.url()), Site.REPLAYED);
            assertThat(model.calls()).isEqualTo(CHATS);
        }
    }

    @Test
    void theExampleAnswersEverybody(@TempDir Path folder) throws Exception {
        try (EmbeddedRedis redis = redis();
                StubModel model = StubModel.start(0, QUICK);
                Subject example = example(redis, model, folder)) {
            answersEverybody(example.url, Site.EXAMPLE);
            assertThat(model.calls()).isGreaterThanOrEqualTo(CHATS); // more, where a slow machine loses a lease
        }
    }

    private static Subject example(EmbeddedRedis redis, StubModel model, Path folder) throws IOException {
        List<String> command = Site.small("io.penstock.examples.chat.Main", redis, model, folder.resolve("data"));
        return Subject.start(Options.OURS, command, Map.of(), folder);
    }

    private static void answersEverybody(URI url, Chats.Dialect dialect) throws InterruptedException {
        Flood flood = Flood.own(url.resolve("/api/agents"), REQUESTS, CALLERS);
        assertThat(flood.failed()).isZero();
        assertThat(flood.requests()).isEqualTo(REQUESTS);
        Outcome chats = new Chats(url, dialect).run(CHATS, Duration.ZERO);
        assertThat(chats.others()).isEmpty();
        assertThat(chats.complete()).isEqualTo(CHATS);
        assertThat(chats.first().sorted()).hasSize(CHATS);
    }

    private static EmbeddedRedis redis() {
        return EmbeddedRedis.builder().unixSocket(false).persistence(false).start();
    }
}
