package io.penstock.outbox;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** A process with an outbox that dies where it is told to; ends when its standard input does. */
public final class OutboxMain {
    private OutboxMain() {}

    /**
     * Arguments: Redis, database (a file of H2 or a port of PostgreSQL), queue, jobs to write, where to die: {@code commit}
     * right after the jobs are committed, {@code claim} after the claim is, {@code delete} after the jobs are in Redis and
     * before their rows are gone, {@code never}.
     */
    public static void main(String[] args) throws Exception {
        DataSource plain = args[1].matches("\\d+") ? Postgres.source(Integer.parseInt(args[1])) : file(args[1]);
        String death = args[4];
        AtomicInteger claims = new AtomicInteger();
        DataSource source = watched(DataSource.class, plain, sql -> {
            if (death.equals("delete") && sql.startsWith("DELETE FROM penstock_outbox WHERE id")) {
                Runtime.getRuntime().halt(137);
            }
            if (sql.startsWith("UPDATE penstock_outbox_claim")) {
                claims.incrementAndGet();
            } else if (death.equals("claim") && sql.equals("commit ended") && claims.get() > 0) {
                Runtime.getRuntime().halt(137);
            }
        });
        try (Bench bench = new Bench(args[0]);
                Outbox outbox = Outbox.create(source, bench, Duration.ofMillis(500))) {
            outbox.createTables();
            int jobs = Integer.parseInt(args[3]);
            if (jobs > 0) {
                List<io.penstock.job.JobSpec> specs = Bench.specs(args[2], 0, jobs);
                Bench.transaction(plain, connection -> outbox.enqueueAll(connection, specs));
            }
            if (death.equals("commit")) {
                Runtime.getRuntime().halt(137);
            }
            outbox.start();
            System.out.println("started");
            while (System.in.read() >= 0) {
                // only its end means anything
            }
        }
    }

    static DataSource file(String path) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + path + ";DB_CLOSE_DELAY=-1;WRITE_DELAY=0");
        return source;
    }

    private interface Told {
        void statement(String sql);
    }

    /** Passes all calls on, and tells of each statement before it runs and of each commit after it. */
    private static <T> T watched(Class<T> type, T plain, Told told) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            if (args != null && args.length > 0 && args[0] instanceof String sql) {
                told.statement(sql);
            }
            Object answer;
            try {
                answer = method.invoke(plain, args);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            }
            if (method.getName().equals("commit")) {
                told.statement("commit ended");
            }
            return switch (method.getName()) {
                case "getConnection" -> watched(Connection.class, (Connection) answer, told);
                case "createStatement" -> watched(Statement.class, (Statement) answer, told);
                default -> answer;
            };
        }));
    }
}
