package io.penstock.alert;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some alerts, and where the next ones begin.
 *
 * @param next for the next call; null = there are no more
 * @param complete false = Redis is away, and these are only those of this process
 */
public record AlertPage(List<Alert> alerts, @Nullable String next, boolean complete) {}
