package io.penstock.server.settings;

import io.penstock.payload.FilePayloadStore;
import io.penstock.payload.KeyRing;
import io.penstock.payload.PayloadConfig;
import io.penstock.runtime.Clock;
import java.io.IOException;
import java.nio.file.Path;

/** What the settings say about payloads; keys are read from their file and shown nowhere. */
public final class SealedPayloads {
    private SealedPayloads() {}

    /**
     * Reads keys and opens the store.
     *
     * @throws SettingsException if either cannot be used
     */
    public static PayloadConfig of(Settings settings, Clock clock) {
        PayloadConfig config = PayloadConfig.PLAIN;
        int compress = settings.number(Setting.PAYLOAD_COMPRESS);
        if (compress > 0) {
            config = config.compress(compress);
        }
        if (!settings.text(Setting.PAYLOAD_KEYS).isEmpty()) {
            config = config.encrypt(keys(settings.path(Setting.PAYLOAD_KEYS)));
        }
        if (!settings.text(Setting.PAYLOAD_STORE).isEmpty()) {
            Path directory = settings.path(Setting.PAYLOAD_STORE);
            try {
                config = config.offload(
                        new FilePayloadStore(directory, FilePayloadStore.DEFAULT_KEEP, clock),
                        settings.number(Setting.PAYLOAD_OFFLOAD));
            } catch (IOException broken) {
                throw new SettingsException("payload.store = \"" + directory + "\" cannot be made: " + broken
                        + "; nothing was started; give another directory or mend the rights of its parent");
            }
        }
        return config;
    }

    private static KeyRing keys(Path file) {
        try {
            return KeyRing.read(file);
        } catch (IOException | IllegalArgumentException unusable) {
            throw new SettingsException("payload.keys cannot be used: "
                    + (unusable instanceof IOException ? unusable : unusable.getMessage())
                    + "; nothing was started; give a file that only its owner may read, with a line for each key: id"
                    + " base64-of-32-bytes");
        }
    }
}
