package io.penstock.server.database;

import io.penstock.database.DatabaseHealth;
import io.penstock.outbox.Outbox;
import io.penstock.outbox.QueueAccess;
import io.penstock.runtime.Threads;
import io.penstock.runtime.Timer;
import io.penstock.server.settings.Setting;
import io.penstock.server.settings.Settings;
import io.penstock.server.settings.SettingsException;
import org.jspecify.annotations.Nullable;

/** The database of the settings, if there is one. */
public final class WatchedDatabase {
    private WatchedDatabase() {}

    /**
     * Returns what watches it, not started yet; null = none is set.
     *
     * @throws SettingsException if no driver knows its address
     */
    public static @Nullable DatabaseHealth of(Settings settings, Timer timer, Threads threads) {
        String url = settings.text(Setting.DATABASE_URL);
        if (url.isEmpty()) {
            return null;
        }
        if (!Driver.known(url)) {
            throw new SettingsException("database.url = \"" + settings.shown(Setting.DATABASE_URL) + "\" ("
                    + settings.value(Setting.DATABASE_URL).origin()
                    + ") is known to no driver here; nothing was started; give a jdbc:postgresql: or jdbc:h2: address, or"
                    + " put the driver's jar on the class path");
        }
        Driver source = driver(settings);
        return new DatabaseHealth(
                "server", source, DatabaseHealth.DEFAULT_PERIOD, DatabaseHealth.DEFAULT_TIMEOUT, timer, threads);
    }

    private static Driver driver(Settings settings) {
        return new Driver(
                settings.text(Setting.DATABASE_URL),
                settings.text(Setting.DATABASE_USER),
                settings.text(Setting.DATABASE_PASSWORD));
    }

    /**
     * Returns the outbox in it, not started yet; null = none is to be relayed.
     *
     * @throws SettingsException if one is to be relayed and there is no database
     */
    public static @Nullable Outbox outbox(Settings settings, QueueAccess queues) {
        if (!settings.flag(Setting.OUTBOX)) {
            return null;
        }
        if (settings.text(Setting.DATABASE_URL).isEmpty()) {
            throw new SettingsException("outbox.relay = \"true\" ("
                    + settings.value(Setting.OUTBOX).origin()
                    + ") has no database to relay from; nothing was started; set database.url");
        }
        return Outbox.create(driver(settings), queues);
    }
}
