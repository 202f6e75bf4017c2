package io.penstock.queue;

import io.penstock.job.JobId;
import io.penstock.job.JobOptions;
import io.penstock.job.JobSpec;
import io.penstock.redis.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the client does for each job on its way to Redis and back: its record, and its part of a finish of 500. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RecordMicro {
    private static final int BATCH = 500;
    private static final long NOW = 1_790_000_000_000L;

    private final JobSpec spec = new JobSpec("mail", "mail.send", new byte[200], JobOptions.NONE);
    private final byte[] record = StoredJob.encode(spec, NOW, NOW);
    private final QueueKeys keys = new QueueKeys("mail");
    private final Lease lease = new Lease("mail", "1", "0123456789abcdef");
    private final List<Ending> endings = new ArrayList<>();

    public RecordMicro() {
        for (int i = 0; i < BATCH; i++) {
            LeasedJob job = new LeasedJob(new JobId("mail", JobId.serial("1a2b", i)), lease, new StoredJob(record), 0);
            endings.add(Ending.completed(job, NOW, NOW + i / 100, null));
        }
    }

    @Benchmark
    public byte[] encode() {
        return StoredJob.encode(spec, NOW, NOW);
    }

    @Benchmark
    public Object parse() {
        return new StoredJob(record);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Call finish() {
        FinishCall building = new FinishCall(keys, QueueSettings.DEFAULT, NOW);
        endings.forEach(building::add);
        return building.build(lease.token(), lease.number(), 1L);
    }
}
