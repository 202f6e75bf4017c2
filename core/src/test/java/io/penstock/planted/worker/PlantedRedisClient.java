package io.penstock.planted.worker;

import io.lettuce.core.RedisURI;

final class PlantedRedisClient {
    final RedisURI uri = RedisURI.create("redis://localhost");
}
