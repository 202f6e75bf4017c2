package io.penstock.planted.worker;

import com.fasterxml.jackson.databind.ObjectMapper;

final class PlantedJson {
    final ObjectMapper mapper = new ObjectMapper();
}
