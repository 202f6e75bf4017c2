package io.penstock.redis;

import io.lettuce.core.event.Event;
import io.lettuce.core.event.EventBus;
import reactor.core.publisher.Flux;

/**
 * Drops the client library's events, which nobody here listens to: we ask its connections for their state.
 *
 * <p>Its own bus is built of reactive publishers and flight recorder events: some hundred classes in every process.
 */
final class SilentBus implements EventBus {
    @Override
    public Flux<Event> get() {
        return Flux.never();
    }

    @Override
    public void publish(Event event) {
        // nobody listens
    }
}
