package io.penstock.server.settings;

import io.penstock.memory.MemoryPolicy;
import io.penstock.server.wire.Text;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The memory policy: what was said at the start, and over it what was put while a server ran, kept in a file of the data
 * directory that only its owner may read.
 *
 * <p>What was put wins, also over a flag, because it is the later word and was promised to survive a restart; each value
 * says where it is from, and taking it back is one more put. The file is replaced in one step, so that a crash leaves the
 * old one or the new one.
 *
 * <p>Threads: safe. Bound: six lines.
 */
public final class PolicyFile {
    /** The settings that it may hold, in the order in which they are shown. */
    public static final List<Setting> KEYS = List.of(
            Setting.MEMORY_ENABLED,
            Setting.MEMORY_AUTO,
            Setting.MEMORY_THRESHOLD,
            Setting.MEMORY_INTERVAL,
            Setting.MEMORY_HEAP,
            Setting.MEMORY_RSS);

    private final Settings settings;
    private final Path path;
    private Map<Setting, Settings.Value> kept = new EnumMap<>(Setting.class); // guarded by this

    private PolicyFile(Settings settings) {
        this.settings = settings;
        this.path = settings.path(Setting.DATA_DIR).resolve("memory-policy.properties");
    }

    /**
     * Reads what was put before, if anything was.
     *
     * @throws SettingsException if the file holds what is not legal
     */
    public static PolicyFile open(Settings settings) {
        PolicyFile file = new PolicyFile(settings);
        if (Files.exists(file.path)) {
            file.read();
        }
        return file;
    }

    private void read() {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new SettingsException("the memory policy " + path + " cannot be read: " + unreadable
                    + "; nothing was started; mend or delete it");
        }
        for (String key : properties.stringPropertyNames()) {
            Setting setting = KEYS.stream()
                    .filter(known -> known.key().equals(key))
                    .findFirst()
                    .orElseThrow(() -> new SettingsException("the memory policy " + path + ": key \"" + Text.shown(key)
                            + "\" is unknown; nothing was started; mend or delete the file"));
            Settings.Value value = value(properties.getProperty(key).strip());
            setting.check(value);
            kept.put(setting, value);
        }
    }

    private Settings.Value value(String text) {
        return new Settings.Value(text, "policy " + path);
    }

    /** Returns a value with its origin, for any setting. */
    public synchronized Settings.Value value(Setting setting) {
        Settings.Value put = kept.get(setting);
        return put == null ? settings.value(setting) : put;
    }

    /** Returns what holds now. */
    public synchronized MemoryPolicy policy() {
        return policy(kept);
    }

    private MemoryPolicy policy(Map<Setting, Settings.Value> over) {
        return new MemoryPolicy(
                text(over, Setting.MEMORY_ENABLED).equals("true"),
                text(over, Setting.MEMORY_AUTO).equals("true"),
                Integer.parseInt(text(over, Setting.MEMORY_THRESHOLD)),
                Long.parseLong(text(over, Setting.MEMORY_INTERVAL)),
                Long.parseLong(text(over, Setting.MEMORY_HEAP)),
                Long.parseLong(text(over, Setting.MEMORY_RSS)));
    }

    private String text(Map<Setting, Settings.Value> over, Setting setting) {
        Settings.Value put = over.get(setting);
        return put == null ? settings.text(setting) : put.text();
    }

    /**
     * Keeps these values from now on.
     *
     * @param changes empty = what was said at the start holds again
     * @return what holds now
     * @throws SettingsException if a value is not legal; nothing was changed
     * @throws UncheckedIOException if the file cannot be written; nothing was changed
     */
    public synchronized MemoryPolicy put(Map<Setting, Optional<String>> changes) {
        Map<Setting, Settings.Value> next = new EnumMap<>(Setting.class);
        next.putAll(kept);
        changes.forEach((setting, text) -> {
            if (text.isEmpty()) {
                next.remove(setting);
            } else {
                Settings.Value value = value(text.get());
                setting.check(value);
                next.put(setting, value);
            }
        });
        MemoryPolicy policy = policy(next);
        write(next);
        kept = next;
        return policy;
    }

    private void write(Map<Setting, Settings.Value> values) {
        StringBuilder text = new StringBuilder("# put while the server ran; delete a line to go by the start again\n");
        values.forEach((setting, value) ->
                text.append(setting.key()).append('=').append(value.text()).append('\n'));
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh); // left by a crash
            TokenFile.create(fresh);
            Files.writeString(fresh, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException broken) {
            throw new UncheckedIOException("the memory policy " + path + " cannot be written", broken);
        }
    }
}
