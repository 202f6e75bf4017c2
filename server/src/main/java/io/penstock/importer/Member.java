package io.penstock.importer;

import java.nio.charset.StandardCharsets;

/**
 * What stands in a place: an id, or the job itself.
 *
 * @param score as Redis wrote it; empty in a list
 */
record Member(byte[] bytes, String score) {
    String text() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    double number() {
        return score.isEmpty() ? 0 : Double.parseDouble(score);
    }
}
