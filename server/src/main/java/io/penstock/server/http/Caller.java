package io.penstock.server.http;

import java.util.List;

/**
 * Whoever asks, as the front found out.
 *
 * @param name stands for the caller in rates, logs and the audit; says nothing about the token
 * @param queues patterns of the queues it may touch ({@code mail-*}); empty = all
 */
public record Caller(String name, Role role, List<String> queues) {
    public Caller {
        queues = List.copyOf(queues);
    }
}
