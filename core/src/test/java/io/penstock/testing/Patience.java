package io.penstock.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** How long a test waits for what must come: a loaded machine is slow, not wrong. Every class has it, by the service loader. */
public final class Patience implements BeforeAllCallback {
    /** Some twenty times what the longest of these waits takes on two idle cores. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LONGEST);
    }
}
