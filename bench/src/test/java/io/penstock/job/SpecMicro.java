package io.penstock.job;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a producer pays for each job before the queue sees it, and a worker for its payload. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SpecMicro {
    /** A payload of 200 bytes. */
    public record Mail(long userId, String template) {}

    private final JobType<Mail> type = JobType.of("mail.send", Mail.class).queue("mail");
    private final Mail mail = new Mail(10_000_000, "x".repeat(168));
    private final byte[] json = Payload.encode(mail);

    @Benchmark
    public JobSpec spec() {
        return type.spec(mail);
    }

    @Benchmark
    public JobSpec specOfEncoded() {
        return new JobSpec("mail", "mail.send", json, JobOptions.NONE);
    }

    @Benchmark
    public JobId id() {
        return new JobId("mail", "1a2b3c");
    }

    @Benchmark
    public Mail decode() {
        return Payload.decode(json, Mail.class);
    }
}
