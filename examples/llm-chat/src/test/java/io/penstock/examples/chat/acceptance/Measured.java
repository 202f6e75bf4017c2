package io.penstock.examples.chat.acceptance;

import io.penstock.examples.chat.acceptance.Chats.Outcome;

/**
 * All that was measured of one subject.
 *
 * @param agents the flood alone
 * @param agentsBeside the flood while everybody chats
 * @param heapMiddle the median share of the greatest heap that was left after a collection
 * @param heapMost the greatest of them
 * @param heapAlive the share that a whole collection left, when the loads were over
 * @param peakBytes resident, at most
 * @param clients connections to Redis, at most
 * @param pings99 milliseconds that Redis took to answer the watch
 * @param timers threads that only wait for their time to come
 * @param threads of the process, at most
 * @param hours that it was up
 * @param asked collections that somebody called for, by its log
 */
record Measured(
        Flood agents,
        Flood agentsBeside,
        Outcome chats,
        double heapMiddle,
        double heapMost,
        double heapAlive,
        long peakBytes,
        int clients,
        double pings99,
        long timers,
        int threads,
        double hours,
        long asked,
        Inside inside) {}
