package io.penstock.server;

/** Which Penstock this is. */
public final class Version {
    private Version() {}

    /** Returns the version of the jar, or {@code development} outside of one. */
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
