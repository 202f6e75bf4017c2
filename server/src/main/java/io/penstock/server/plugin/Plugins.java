package io.penstock.server.plugin;

import io.penstock.server.settings.SettingsException;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plug-in jars of one directory, loaded for as long as the server runs. */
public final class Plugins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Plugins.class);

    /** Jars of one directory; more means that it is not a plug-in directory. */
    private static final int MOST_JARS = 100;

    private final List<URLClassLoader> loaders = new ArrayList<>();

    /**
     * Loads all jars and lets them register.
     *
     * @throws SettingsException naming the jar that does not work
     */
    public static Plugins load(Path directory, Registry registry) {
        Plugins plugins = new Plugins();
        boolean loaded = false;
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .limit(MOST_JARS + 1L)
                    .toList();
            if (jars.size() > MOST_JARS) {
                throw new SettingsException("plugins = \"" + directory + "\" has more than " + MOST_JARS
                        + " jars; nothing was started; give a directory of plug-ins only");
            }
            for (Path jar : jars) {
                plugins.open(jar, registry);
            }
            loaded = true;
        } catch (IOException unreadable) {
            throw new SettingsException("plugins = \"" + directory + "\" cannot be read: " + unreadable.getMessage()
                    + "; nothing was started; give a directory with jars");
        } finally {
            if (!loaded) {
                plugins.close();
            }
        }
        return plugins;
    }

    private void open(Path jar, Registry registry) throws IOException {
        URLClassLoader loader = new URLClassLoader(
                jar.getFileName().toString(), new URL[] {jar.toUri().toURL()}, Plugin.class.getClassLoader());
        loaders.add(loader);
        int found = 0;
        try {
            for (Plugin plugin : ServiceLoader.load(Plugin.class, loader)) {
                // those of our own class path are seen by every loader
                if (plugin.getClass().getClassLoader() == loader) {
                    plugin.register(registry);
                    found++;
                }
            }
        } catch (RuntimeException | LinkageError | java.util.ServiceConfigurationError broken) {
            throw new SettingsException("plug-in " + jar + " does not load: " + broken
                    + "; nothing was started; mend it or take it out of the directory");
        }
        LOG.info("plug-in jar={} brought plugins={}", jar.getFileName(), found);
    }

    @Override
    public void close() {
        for (URLClassLoader loader : loaders) {
            try {
                loader.close();
            } catch (IOException unimportant) {
                LOG.debug("a plug-in jar did not close", unimportant);
            }
        }
    }
}
