package io.penstock.server.redact;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.IThrowableProxy;

/** The stack of a log line without secrets, for the pattern of logback.xml. */
public final class SafeThrowable extends ThrowableProxyConverter {
    @Override
    protected String throwableProxyToString(IThrowableProxy thrown) {
        return Redactor.STANDARD.text(super.throwableProxyToString(thrown));
    }
}
