package io.penstock.payload;

import java.io.IOException;

/**
 * Where payloads lie that are too large for Redis.
 *
 * <p>Written before the job is added, so a job is never without its payload; a producer that dies or is refused in between
 * leaves an orphan. Nothing here deletes a payload when its job ends, because copies of the job, its dead letter and its
 * retry need it: the store forgets by age, and that age must be above the longest delay and retention of any job. Threads:
 * safe. Calls may block; they are made on the threads of producers and handlers.
 */
public interface PayloadStore {
    /** Keeps these bytes, so that they survive whatever the job survives, and answers their name: 1 to 200 ASCII characters. */
    String put(byte[] bytes) throws IOException;

    /**
     * Reads them.
     *
     * @param most bytes; more are an error
     * @throws java.nio.file.NoSuchFileException if there is nothing of this name
     */
    byte[] get(String name, int most) throws IOException;

    /** Deletes them; nothing happens if they are gone. */
    void delete(String name) throws IOException;
}
