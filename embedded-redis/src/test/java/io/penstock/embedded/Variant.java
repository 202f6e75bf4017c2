package io.penstock.embedded;

import java.nio.file.Path;

/** The two servers every promise is tested with. Without a system server the first falls back to the bundled one. */
enum Variant {
    SYSTEM,
    BUNDLED;

    EmbeddedRedis.Builder on(Path dataDir) {
        return EmbeddedRedis.builder().dataDir(dataDir).preferBundled(this == BUNDLED);
    }
}
