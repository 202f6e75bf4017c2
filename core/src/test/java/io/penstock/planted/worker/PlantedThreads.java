package io.penstock.planted.worker;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

final class PlantedThreads {
    static Thread subclass() {
        return new Thread("planted") {};
    }

    static ExecutorService pool() {
        return Executors.newSingleThreadExecutor();
    }

    static CompletableFuture<Integer> async() {
        return CompletableFuture.supplyAsync(() -> 1);
    }

    static long common() {
        return List.of(1, 2).parallelStream().count();
    }

    /** Allowed: the caller says which threads. */
    static CompletableFuture<Integer> given(Executor executor) {
        return CompletableFuture.supplyAsync(() -> 1, executor);
    }
}
