package io.penstock.memory.leak;

/**
 * What the watch found of one type of job: whether what belongs to a job stays in memory after its end.
 *
 * @param jobType the type
 * @param watched how many finished jobs have been judged so far
 * @param retained how many of them were still reachable after a whole marking of the heap, and are so now; no more than 16 are kept
 * @param releasedLate how many were found retained and let go later, as by a cache that evicts
 * @param named whether it is a witness: at least 5 are retained, more than 1 % of those judged, and few were let go
 */
public record RetainedJobs(String jobType, long watched, long retained, long releasedLate, boolean named) {}
