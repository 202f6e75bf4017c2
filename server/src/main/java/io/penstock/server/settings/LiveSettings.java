package io.penstock.server.settings;

import io.penstock.server.wire.Text;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The settings of a running server: what was said at the start, and over it what was changed since, kept in a file of the
 * data directory that only its owner may read.
 *
 * <p>What was changed wins, also over a flag, because it is the later word and was promised to survive a restart; each value
 * says where it is from, and taking it back is one more change. The file is replaced in one step, so that a crash leaves the
 * old one or the new one.
 *
 * <p>Threads: safe; changes go one after the other. Bound: a line for each {@link Setting#live} one.
 */
public final class LiveSettings {
    /** The settings that can be changed while the server runs, in the order in which they are shown. */
    public static final List<Setting> KEYS =
            Arrays.stream(Setting.values()).filter(Setting::live).toList();

    private static final String ORIGIN = "changed at run time";

    private final Settings start;
    private final Path path;
    private final List<Follower> followers = new ArrayList<>(); // guarded by this
    private Map<Setting, Settings.Value> kept = new EnumMap<>(Setting.class); // guarded by this
    private volatile Settings now;

    private record Follower(Set<Setting> keys, Consumer<Settings> obey) {}

    private LiveSettings(Settings start) {
        this.start = start;
        this.now = start;
        this.path = start.path(Setting.DATA_DIR).resolve("live-settings.properties");
    }

    /**
     * Reads what was changed before, if anything was.
     *
     * @throws SettingsException if the file holds what is not legal
     */
    public static LiveSettings open(Settings start) {
        LiveSettings live = new LiveSettings(start);
        if (Files.exists(live.path)) {
            live.read();
        }
        return live;
    }

    private synchronized void read() {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new SettingsException("the changed settings " + path + " cannot be read: " + unreadable
                    + "; nothing was started; mend or delete the file");
        }
        Map<Setting, Settings.Value> found = new EnumMap<>(Setting.class);
        for (String key : properties.stringPropertyNames()) {
            Setting setting = KEYS.stream()
                    .filter(known -> known.key().equals(key))
                    .findFirst()
                    .orElseThrow(() -> new SettingsException("the changed settings " + path + ": key \""
                            + Text.shown(key) + "\" is unknown; nothing was started; mend or delete the file"));
            found.put(setting, changed(properties.getProperty(key).strip()));
        }
        try {
            now = start.with(found);
        } catch (SettingsException illegal) {
            throw new SettingsException("the changed settings " + path + ": " + illegal.getMessage()
                    + "; nothing was started; mend or delete the file");
        }
        kept = found;
    }

    private static Settings.Value changed(String text) {
        return new Settings.Value(text, ORIGIN);
    }

    /** Returns what holds now. */
    public Settings now() {
        return now;
    }

    /** Returns a value with its origin, for any setting. */
    public Settings.Value value(Setting setting) {
        return now.value(setting);
    }

    /** Has somebody obey these settings: as they are, at once, and each change. */
    public synchronized void obey(Set<Setting> keys, Consumer<Settings> obey) {
        obey.accept(now);
        follow(keys, obey);
    }

    /** Has somebody obey changes of these settings, in the order of the calls; told under the lock, so quickly. */
    public synchronized void follow(Set<Setting> keys, Consumer<Settings> obey) {
        followers.add(new Follower(keys, obey));
    }

    /**
     * Changes these settings at once and for good.
     *
     * @param changes empty = what was said at the start holds again; live settings only
     * @return what holds now
     * @throws SettingsException if values are not legal, naming all; nothing was changed
     * @throws UncheckedIOException if the file cannot be written; nothing was changed
     */
    public synchronized Settings change(Map<Setting, Optional<String>> changes) {
        Map<Setting, Settings.Value> next = new EnumMap<>(Setting.class);
        next.putAll(kept);
        changes.forEach((setting, text) -> {
            if (!setting.live()) {
                throw new IllegalArgumentException(setting.key() + " cannot be changed while the server runs");
            }
            text.ifPresentOrElse(given -> next.put(setting, changed(given)), () -> next.remove(setting));
        });
        Settings before = now;
        Settings after = start.with(next);
        write(next);
        try {
            tell(changes.keySet(), after);
        } catch (RuntimeException refused) {
            write(kept);
            tell(changes.keySet(), before);
            throw refused;
        }
        kept = next;
        now = after;
        return after;
    }

    private void tell(Set<Setting> changed, Settings settings) {
        for (Follower follower : followers) {
            if (changed.stream().anyMatch(follower.keys()::contains)) {
                follower.obey().accept(settings);
            }
        }
    }

    private void write(Map<Setting, Settings.Value> values) {
        StringBuilder text =
                new StringBuilder("# changed while the server ran; delete a line to go by the start again\n");
        values.forEach((setting, value) ->
                text.append(setting.key()).append('=').append(value.text()).append('\n'));
        Path fresh = path.resolveSibling(path.getFileName() + ".new");
        try {
            Files.deleteIfExists(fresh); // left by a crash
            TokenFile.create(fresh);
            Files.writeString(fresh, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException broken) {
            throw new UncheckedIOException("the changed settings " + path + " cannot be written", broken);
        }
    }
}
