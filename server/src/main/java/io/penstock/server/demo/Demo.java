package io.penstock.server.demo;

import io.penstock.server.plugin.Registry;

/** The handlers to try things with, one class each; only with {@code --demo}, because some of them do harm on purpose. */
public final class Demo {
    private Demo() {}

    public static void register(Registry registry) {
        registry.handle(DemoEcho.TYPE, new DemoEcho());
        registry.handle(DemoDigest.TYPE, new DemoDigest());
        registry.handle(DemoSleep.TYPE, new DemoSleep());
        registry.handle(DemoFail.TYPE, new DemoFail());
        registry.handle(DemoAlloc.TYPE, new DemoAlloc());
        registry.handle(DemoLeak.TYPE, new DemoLeak());
        registry.handle(DemoCrash.TYPE, new DemoCrash());
    }

    /** Returns the number or the bound it passes. */
    static int clamp(int number, int most) {
        return Math.max(0, Math.min(most, number));
    }
}
