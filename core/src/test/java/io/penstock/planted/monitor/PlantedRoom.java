package io.penstock.planted.monitor;

import io.penstock.planted.runtime.PlantedThread;

/** Allowed: looks down. */
public final class PlantedRoom {
    public final PlantedThread below = new PlantedThread();
}
