package io.penstock.importer;

/**
 * One list or sorted set of the source in which jobs stand.
 *
 * @param queue of the source; empty when jobs of all queues stand in it
 * @param state what its jobs are in our words: waiting, delayed or failed
 * @param list a list whose tail is taken first; else a sorted set, lowest score first
 */
record Place(String key, String queue, String state, boolean list) {
    static Place list(String key, String queue) {
        return new Place(key, queue, "waiting", true);
    }

    static Place sorted(String key, String queue, String state) {
        return new Place(key, queue, state, false);
    }
}
