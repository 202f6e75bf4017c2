package io.penstock.server.demo;

import io.penstock.server.plugin.Registry;
import java.util.List;

/** The handlers to try things with, one class each; only with {@code --demo}, because some of them do harm on purpose. */
public final class Demo {
    /**
     * Arrays a MB. One array of 1 MB and its header takes two regions of a small G1 heap, so that a job that says 8 MB
     * would hold 16; one of 64 KB is below half of the smallest region.
     */
    static final int PIECES = 16;

    private Demo() {}

    public static void register(Registry registry) {
        registry.handle(DemoEcho.TYPE, new DemoEcho());
        registry.handle(DemoDigest.TYPE, new DemoDigest());
        registry.handle(DemoSleep.TYPE, new DemoSleep());
        registry.handle(DemoTalk.TYPE, new DemoTalk());
        registry.handle(DemoAwait.TYPE, new DemoAwait());
        registry.handle(DemoFail.TYPE, new DemoFail());
        registry.handle(DemoAlloc.TYPE, new DemoAlloc());
        registry.handle(DemoLeak.TYPE, new DemoLeak());
        registry.handle(DemoCrash.TYPE, new DemoCrash());
    }

    /** Adds so many MB. */
    static void hold(int mb, List<byte[]> held) {
        for (int i = 0; i < mb * PIECES; i++) {
            held.add(new byte[(1 << 20) / PIECES]);
        }
    }

    /** Returns the number or the bound it passes. */
    static int clamp(int number, int most) {
        return Math.max(0, Math.min(most, number));
    }
}
