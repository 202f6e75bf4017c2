package io.penstock.outbox;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import org.junit.jupiter.api.Assumptions;
import org.postgresql.ds.PGSimpleDataSource;

/** A real PostgreSQL; where it cannot run the tests say so and are skipped. */
final class Postgres implements AutoCloseable {
    private final EmbeddedPostgres server;

    private Postgres(EmbeddedPostgres server) {
        this.server = server;
    }

    static Postgres start() {
        try {
            return new Postgres(EmbeddedPostgres.builder().start());
        } catch (Exception | LinkageError impossible) {
            System.out.println("PostgreSQL cannot run here, its tests are skipped: " + impossible);
            Assumptions.abort("PostgreSQL cannot run here: " + impossible);
            throw new IllegalStateException(impossible);
        }
    }

    int port() {
        return server.getPort();
    }

    static PGSimpleDataSource source(int port) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {port});
        source.setUser("postgres");
        source.setDatabaseName("postgres");
        source.setSslmode("disable");
        return source;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
