package io.penstock.server.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.EmbeddedRedis;
import io.penstock.server.Rig;
import io.penstock.server.RigExtension;
import io.penstock.server.settings.Setting;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock("memory")
@ExtendWith(RigExtension.class)
final class EvidenceApiTest {
    private static final String OLD = "/api/v1/memory/old-objects";
    private static final String DUMP = "/api/v1/memory/heap-dump";

    @Test
    void samplesOldObjectsAndTellsTheCostFirst(Rig rig) {
        boolean generationalZ = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .anyMatch(bean -> bean.getName().equals("ZGC Major Cycles"));
        Rig.Answer begun = rig.post(OLD + ":begin", null);
        if (generationalZ) {
            assertThat(begun.status()).isEqualTo(409);
            return;
        }
        assertThat(begun.json().path("cost").asText()).contains("of the processor time");

        Rig.Answer ended = rig.post(OLD + ":end", null);

        assertThat(ended.status()).as(ended.text()).isEqualTo(200);
        assertThat(ended.json().path("oldObjects").isArray()).isTrue();
    }

    @Test
    void writesNoHeapDumpUnlessThatIsAllowed(Rig rig) {
        Rig.Answer refused = rig.post(DUMP, null);

        assertThat(refused.problem()).isEqualTo("conflict");
        assertThat(refused.text()).contains("memory.snapshot.heap-dump");
    }

    @Test
    void writesOneThatOnlyItsOwnerMayReadAndNoSecondOverIt(EmbeddedRedis redis) throws IOException {
        try (Rig rig = Rig.start(redis, flags -> flags.put(Setting.MEMORY_HEAP_DUMP, "true"))) {
            Rig.Answer written = rig.post(DUMP, null);
            assertThat(written.status()).as(written.text()).isEqualTo(201);
            Path file = rig.dir().resolve(written.json().path("file").asText());
            assertThat(Files.size(file)).isEqualTo(written.json().path("bytes").asLong());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");

            assertThat(rig.post(DUMP, null).problem()).isEqualTo("conflict");
        }
    }
}
