package io.penstock.server.memory;

import io.penstock.memory.MemoryGovernor;
import io.penstock.memory.Snapshots;
import io.penstock.memory.leak.OldObject;
import io.penstock.runtime.Clock;
import io.penstock.server.caller.Access;
import io.penstock.server.http.Call;
import io.penstock.server.http.Reply;
import io.penstock.server.http.Route;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.wire.Json;
import io.penstock.server.wire.Problem;
import io.penstock.server.wire.ProblemType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What shows who keeps the memory, and costs so much that somebody must ask for it: samples of old objects, and a dump of
 * the heap.
 *
 * <p>Bound: one recording of ten minutes, one dump in the data directory.
 */
final class EvidenceApi {
    private static final String OLD = "/api/v1/memory/old-objects";

    /** One name, so that dumps do not fill the disk: the next one is written when somebody has taken this one away. */
    private static final String FILE = "heap.hprof";

    /** As measured, told before it is paid. */
    private static final String COST =
            "2 to 6 % of the processor time until it is ended, at most 10 minutes; ending takes 2 to 21 ms";

    private final MemoryGovernor memory;
    private final Clock clock;
    private final Snapshots dumps;
    private final Path folder;

    EvidenceApi(MemoryGovernor memory, Clock clock, Settings settings) {
        this.memory = memory;
        this.clock = clock;
        this.dumps = new Snapshots(memory.monitor(), clock, Map::of, settings.flag(Setting.MEMORY_HEAP_DUMP));
        this.folder = settings.path(Setting.DATA_DIR);
    }

    List<Route> routes() {
        return List.of(
                Route.act(OLD + ":begin", this::begin),
                Route.act(OLD + ":end", this::end),
                Route.act("/api/v1/memory/heap-dump", this::dump).by(Access.ADMINISTER));
    }

    private Reply begin(Call call) {
        String hindrance = memory.leaks().beginSampling();
        if (!hindrance.isEmpty()) {
            throw Problem.of(ProblemType.CONFLICT, hindrance);
        }
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("sampling", true);
            json.writeStringField("cost", COST);
            json.writeEndObject();
        });
    }

    private Reply end(Call call) throws IOException {
        List<OldObject> found = memory.leaks().endSampling();
        return Reply.ok(json -> {
            json.writeStartObject();
            json.writeBooleanField("sampling", false);
            LeakJson.oldObjects(json, found);
            json.writeEndObject();
        });
    }

    /** The Penstock of an application may have no data directory yet. */
    private Reply dump(Call call) throws IOException {
        long begin = clock.nanos();
        Path file = folder.resolve(FILE);
        try {
            dumps.heapDump(file);
        } catch (IllegalStateException off) {
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(off.getMessage()));
        } catch (IOException refused) {
            if (!Files.exists(file)) {
                throw refused;
            }
            throw Problem.of(ProblemType.CONFLICT, String.valueOf(refused.getMessage()));
        }
        long millis = (clock.nanos() - begin) / 1_000_000;
        long bytes = Files.size(file);
        return Reply.json(201, json -> {
            json.writeStartObject();
            json.writeStringField("file", FILE);
            Json.known(json, "bytes", bytes);
            json.writeNumberField("pauseMillis", millis);
            json.writeEndObject();
        });
    }
}
