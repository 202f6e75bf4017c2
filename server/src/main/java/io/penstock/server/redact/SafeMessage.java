package io.penstock.server.redact;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** The message of a log line without secrets, for the pattern of logback.xml. */
public final class SafeMessage extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Redactor.STANDARD.text(super.convert(event));
    }
}
