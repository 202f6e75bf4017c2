package io.penstock.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ServiceTest {
    private final AtomicInteger starts = new AtomicInteger();
    private final AtomicInteger stops = new AtomicInteger();

    private class Counted extends Service {
        @Override
        protected void onStart() {
            starts.incrementAndGet();
        }

        @Override
        protected void onStop() {
            stops.incrementAndGet();
        }
    }

    @Test
    void startsOnceAndStopsOnce() {
        Service service = new Counted();
        service.start();
        assertThat(service.running()).isTrue();

        service.close();
        service.close();

        assertThat(service.running()).isFalse();
        assertThat(starts).hasValue(1);
        assertThat(stops).hasValue(1);
        assertThatThrownBy(service::start).hasMessageContaining("STOPPED");
    }

    @Test
    void aServiceThatNeverStartedHasNothingToStop() {
        new Counted().close();

        assertThat(stops).hasValue(0);
    }

    @Test
    void aFailedStartIsUndone() {
        Service service = new Counted() {
            @Override
            protected void onStart() {
                throw new IllegalArgumentException("planned by the test");
            }
        };

        assertThatThrownBy(service::start).hasMessage("planned by the test");

        assertThat(stops).hasValue(1);
        service.close();
        assertThat(stops).hasValue(1);
    }

    @Test
    void theSecondCloserWaitsForTheFirst() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Service service = new Counted() {
            @Override
            protected void onStop() {
                stopping.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException unexpected) {
                    throw new IllegalStateException(unexpected);
                }
                close(); // by the stopping itself: returns at once
                super.onStop();
            }
        };
        service.start();
        try (Threads threads = new Threads(2)) {
            threads.start("first", service::close);
            stopping.await();
            AtomicInteger seen = new AtomicInteger(-1);
            Thread second = threads.start("second", () -> {
                service.close();
                seen.set(stops.get());
            });
            assertThat(seen).hasValue(-1);
            goOn.countDown();
            second.join();
            assertThat(seen).hasValue(1);
        }
    }
}
