package io.penstock.resilience;

import java.util.concurrent.atomic.LongAdder;

/** The counters of one name. */
final class CallTally {
    final LongAdder calls = new LongAdder();
    final LongAdder shared = new LongAdder();
    final LongAdder attempts = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder succeeded = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder outOfBudget = new LongAdder();

    CallStats stats(String name, String breaker, int keys) {
        return new CallStats(
                name,
                calls.sum(),
                shared.sum(),
                attempts.sum(),
                retries.sum(),
                succeeded.sum(),
                failed.sum(),
                timeouts.sum(),
                refused.sum(),
                outOfBudget.sum(),
                breaker,
                keys);
    }
}
