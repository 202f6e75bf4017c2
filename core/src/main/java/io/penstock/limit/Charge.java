package io.penstock.limit;

/**
 * What a call took of a rate, so that what it does not use can be given back by {@link Limits#refund}, here or, as it is plain
 * data, in the process that does the work.
 *
 * @param permits that were taken
 * @param takenMillis when, in epoch millis by the clock of Redis
 * @param call names the call among those of the key
 */
public record Charge(String limit, String key, long permits, long takenMillis, String call) {}
