package io.penstock.server.settings;

/** The settings are not legal; the message names each key, its value and the legal range, a line each. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }
}
