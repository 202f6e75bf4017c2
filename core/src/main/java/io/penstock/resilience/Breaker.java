package io.penstock.resilience;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.penstock.runtime.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The circuit breaker of resilience4j, by our clock and without a thread: it goes from open to half open when somebody
 * asks, not by a timer of its own.
 */
final class Breaker {
    /** Judging by fewer would open it by chance: two failures of three. */
    private static final int LEAST_ATTEMPTS = 10;

    private static final int TRIALS = 3;

    private final CallPolicy policy;
    private final Clock clock;
    private final CircuitBreaker breaker;
    private volatile long openedNanos;
    private volatile boolean open;

    Breaker(CallPolicy policy, Clock clock) {
        this.policy = policy;
        this.clock = clock;
        this.breaker = CircuitBreaker.of(
                policy.name(),
                CircuitBreakerConfig.custom()
                        .clock(new Monotonic(clock))
                        .currentTimestampFunction(ours -> clock.nanos(), TimeUnit.NANOSECONDS)
                        .slidingWindow(
                                policy.breakerWindow(),
                                Math.min(LEAST_ATTEMPTS, policy.breakerWindow()),
                                SlidingWindowType.COUNT_BASED)
                        .failureRateThreshold((float) (policy.breakerShare() * 100))
                        .waitDurationInOpenState(policy.breakerOpen())
                        .permittedNumberOfCallsInHalfOpenState(TRIALS)
                        .automaticTransitionFromOpenToHalfOpenEnabled(false)
                        .maxWaitDurationInHalfOpenState(Duration.ZERO)
                        // a failure that says that the caller is wrong shows that the other side is well
                        .recordException(failure -> failure instanceof CallTimeoutException
                                || policy.retryIf().test(failure))
                        .build());
    }

    /** @throws CallRefusedException if it is open */
    void admit() {
        if (!breaker.tryAcquirePermission()) {
            long left = policy.breakerOpen().toNanos() - (clock.nanos() - openedNanos);
            throw new CallRefusedException(
                    policy.name(),
                    breaker.getMetrics().getFailureRate(),
                    policy.breakerWindow(),
                    Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(1), left)));
        }
    }

    void succeeded(long nanos) {
        breaker.onSuccess(nanos, TimeUnit.NANOSECONDS);
        noteOpening();
    }

    void failed(long nanos, Throwable failure) {
        breaker.onError(nanos, TimeUnit.NANOSECONDS, failure);
        noteOpening();
    }

    /** For retryAfter only: resilience4j does not tell when it will let somebody through. */
    private void noteOpening() {
        boolean now = breaker.getState() == CircuitBreaker.State.OPEN;
        if (now && !open) {
            openedNanos = clock.nanos();
        }
        open = now;
    }

    /** Says nothing about what was called: the caller gave up. */
    void abandoned() {
        breaker.releasePermission();
    }

    String state() {
        return breaker.getState().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The monotonic reading as a clock of the JDK: a wall clock that is set would hold a breaker open, or close it. */
    private static final class Monotonic extends java.time.Clock {
        private final Clock clock;

        Monotonic(Clock clock) {
            this.clock = clock;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public java.time.Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(clock.nanos());
        }
    }
}
