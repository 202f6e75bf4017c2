package io.penstock.payload;

/**
 * A payload as it is stored.
 *
 * @param encoding what was done to it, in that order and with commas between: {@code z:BYTES} compressed from so many
 *     bytes, {@code a:ID} encrypted with this key, {@code o} put into the store of large payloads; empty = nothing
 * @param bytes the payload after all that; of one that is elsewhere, its name there
 */
public record Sealed(String encoding, byte[] bytes) {}
