package io.penstock.examples.chat.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FloodTest {
    @Test
    void readsWhatAbPrints() throws IOException {
        Flood flood = Flood.ofAb("""
                Concurrency Level:      100
                Complete requests:      10000
                Failed requests:        2
                Non-2xx responses:      3
                Time per request:       12.345 [ms] (mean)
                Time per request:       0.123 [ms] (mean, across all concurrent requests)

                Percentage of the requests served within a certain time (ms)
                  50%     11
                  99%     42
                """);
        assertThat(flood).isEqualTo(new Flood("ab", 10_000, 5, 12.345, 11, 42));
    }
}
