package io.penstock.server;

import io.penstock.worker.Handlers;

/** The handlers to try things with, one class each; only with {@code --demo}, because some of them do harm on purpose. */
final class Demo {
    private Demo() {}

    static void register(Handlers handlers) {
        handlers.handle(DemoEcho.TYPE, new DemoEcho());
        handlers.handle(DemoSleep.TYPE, new DemoSleep());
        handlers.handle(DemoFail.TYPE, new DemoFail());
        handlers.handle(DemoAlloc.TYPE, new DemoAlloc());
        handlers.handle(DemoLeak.TYPE, new DemoLeak());
        handlers.handle(DemoCrash.TYPE, new DemoCrash());
    }

    /** Returns the number or the bound it passes. */
    static int clamp(int number, int most) {
        return Math.max(0, Math.min(most, number));
    }
}
