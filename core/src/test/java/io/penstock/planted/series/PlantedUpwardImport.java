package io.penstock.planted.series;

import io.penstock.planted.monitor.PlantedRoom;

final class PlantedUpwardImport {
    final PlantedRoom above = new PlantedRoom();
}
