package io.penstock.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class EnvelopeTest {
    @Test
    void readsWhatItWrote() {
        Map<String, String> versions = new TreeMap<>(Map.of("", "gen", "täg", "v1", "x".repeat(100), ""));
        byte[] json = "{\"a\":1}".getBytes(StandardCharsets.UTF_8);
        Envelope read = Objects.requireNonNull(
                Envelope.read(Envelope.of(json, 60_000, 30_000, versions).bytes()));
        assertThat(read.absent()).isFalse();
        assertThat(read.lifeMillis()).isEqualTo(60_000);
        assertThat(read.staleMillis()).isEqualTo(30_000);
        assertThat(read.versions()).isEqualTo(versions);
        assertThat(read.tags()).hasSize(2);
        assertThat(new String(read.bytes(), read.offset(), read.bytes().length - read.offset(), StandardCharsets.UTF_8))
                .isEqualTo("{\"a\":1}");
        assertThat(Objects.requireNonNull(
                                Envelope.read(Envelope.of(null, 1, 1, Map.of()).bytes()))
                        .absent())
                .isTrue();
    }

    @Test
    void namesEachValueByAnIdOfItsOwn() {
        byte[] one = Envelope.of(null, 1, 1, Map.of()).bytes();
        byte[] two = Envelope.of(null, 1, 1, Map.of()).bytes();
        assertThat(Envelope.id(one)).hasSize(8).isNotEqualTo(Envelope.id(two));
        assertThat(Envelope.id(new byte[5])).hasSize(3);
        assertThat(Envelope.id(new byte[0])).isEmpty();
    }

    @Test
    void survivesAnyBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = 1;
            }
            Envelope read = Envelope.read(bytes);
            assertThat(read == null || read.offset() <= bytes.length)
                    .as("seed %d", seed)
                    .isTrue();
        }
    }
}
