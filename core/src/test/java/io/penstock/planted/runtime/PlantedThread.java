package io.penstock.planted.runtime;

/** Allowed: threads and time belong to the ground floor. */
public final class PlantedThread {
    public final Thread thread = new Thread(() -> {});
    public final long born = System.nanoTime();
}
