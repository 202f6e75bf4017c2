package io.penstock.server.plugin;

import io.penstock.job.JobType;
import io.penstock.worker.Handler;

/** Where handlers are brought to before the first job is taken. */
public interface Registry {
    /**
     * Says what runs jobs of a type, whatever queue they are in.
     *
     * @throws IllegalArgumentException if the type has a handler already
     */
    <P> void handle(JobType<P> type, Handler<? super P> handler);
}
