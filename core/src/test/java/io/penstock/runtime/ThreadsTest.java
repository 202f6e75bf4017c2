package io.penstock.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private final CountDownLatch never = new CountDownLatch(1);

    private void waitForEver() {
        try {
            never.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void closeInterruptsAndAwaitsEveryThread() {
        Threads threads = new Threads(10);
        threads.start("a", this::waitForEver);
        threads.startLight("b", this::waitForEver);
        assertThat(threads.alive()).isEqualTo(2);

        threads.close();

        await().until(() -> threads.alive() == 0);
        assertThatThrownBy(() -> threads.start("c", () -> {})).hasMessageContaining("closed");
    }

    @Test
    void refusesMoreThreadsThanItsBound() {
        try (Threads threads = new Threads(1)) {
            threads.start("a", this::waitForEver);

            assertThatThrownBy(() -> threads.start("b", () -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("penstock-b")
                    .hasMessageContaining("1 of at most 1");
        }
    }

    @Test
    void aThreadThatDiesOfAnErrorIsNoLongerCounted() {
        try (Threads threads = new Threads(1)) {
            threads.start("a", () -> {
                throw new OutOfMemoryError("planned by the test");
            });

            await().until(() -> threads.alive() == 0);
        }
    }

    @Test
    void threadsGetTheLoaderOfTheirOwnerWhoeverStartsThem() throws Exception {
        ClassLoader own = new ClassLoader("test", getClass().getClassLoader()) {};
        Thread.currentThread().setContextClassLoader(own);
        try (Threads threads = new Threads(2)) {
            Thread.currentThread().setContextClassLoader(null);
            AtomicReference<ClassLoader> heavy = new AtomicReference<>();
            AtomicReference<ClassLoader> light = new AtomicReference<>();
            threads.start("a", () -> heavy.set(Thread.currentThread().getContextClassLoader()))
                    .join();
            threads.startLight("b", () -> light.set(Thread.currentThread().getContextClassLoader()))
                    .join();
            assertThat(heavy).hasValue(own);
            assertThat(light).hasValue(own);
        } finally {
            Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
        }
    }

    @Test
    void lightThreadsAreVirtualWhereJavaHasThem() throws Exception {
        try (Threads threads = new Threads(1)) {
            AtomicReference<Thread> seen = new AtomicReference<>();
            threads.startLight("light-1", () -> seen.set(Thread.currentThread()))
                    .join();

            assertThat(seen.get().getName()).isEqualTo("penstock-light-1");
            assertThat(seen.get().isDaemon()).isTrue();
            boolean virtual = seen.get().getClass().getSimpleName().contains("Virtual");
            assertThat(virtual).isEqualTo(Runtime.version().feature() >= 21);
            assertThat(Threads.virtualAvailable()).isEqualTo(virtual);
        }
    }
}
