package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.job.Names;
import org.junit.jupiter.api.Test;

final class ProcessNameTest {
    @Test
    void isALegalNameWhateverTheHostIsCalled() {
        for (String host : new String[] {"web-1", "", "-", "b\u00fcro.local", "x".repeat(255), "fe80::1%eth0"}) {
            assertThat(Names.check("process", ProcessName.of(host, Integer.MAX_VALUE)))
                    .endsWith("-2147483647");
        }
        assertThat(ProcessName.here()).endsWith("-" + ProcessHandle.current().pid());
    }
}
