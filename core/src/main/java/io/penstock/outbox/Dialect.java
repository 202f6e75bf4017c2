package io.penstock.outbox;

import java.util.List;
import java.util.Locale;

/** The few words in which databases differ. */
enum Dialect {
    POSTGRESQL("BYTEA"),
    /** H2, and others that know standard SQL; the tables may have to be made by hand there. */
    STANDARD("BLOB");

    private final String bytes;

    Dialect(String bytes) {
        this.bytes = bytes;
    }

    static Dialect of(String product) {
        return product.toLowerCase(Locale.ROOT).contains("postgresql") ? POSTGRESQL : STANDARD;
    }

    /** A claim is a row of its own, of which the queue is the key: so a queue has one relay at a time, and its order. */
    List<String> tables() {
        return List.of(
                "CREATE TABLE IF NOT EXISTS penstock_outbox ("
                        + "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                        + "queue VARCHAR(64) NOT NULL, "
                        + "type VARCHAR(64) NOT NULL, "
                        + "record " + bytes + " NOT NULL, "
                        + "created_at BIGINT NOT NULL, "
                        + "due_at BIGINT NOT NULL, "
                        + "attempts INTEGER NOT NULL, "
                        + "aside_at BIGINT, "
                        + "reason VARCHAR(1000))",
                "CREATE INDEX IF NOT EXISTS penstock_outbox_queue ON penstock_outbox (queue, id)",
                "CREATE TABLE IF NOT EXISTS penstock_outbox_claim ("
                        + "queue VARCHAR(64) PRIMARY KEY, "
                        + "ticket VARCHAR(64) NOT NULL, "
                        + "until_at BIGINT NOT NULL, "
                        + "row_ids VARCHAR(" + Claim.MOST_IDS_CHARS + ") NOT NULL)");
    }
}
