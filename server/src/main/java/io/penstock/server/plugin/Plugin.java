package io.penstock.server.plugin;

/**
 * Brings handlers into the server; found by {@link java.util.ServiceLoader} in the jars of the plug-in directory.
 *
 * <p>Each jar has a class loader of its own, so two plug-ins may carry different versions of the same library.
 */
public interface Plugin {
    /** Adds what it can do; called once, before any job is taken. */
    void register(Registry registry);
}
