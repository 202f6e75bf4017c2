package io.penstock.importer;

import java.util.List;

/** One system's way to keep jobs in Redis. */
interface Source {
    /** Returns the names of its queues. */
    List<String> queues();

    /** Returns where jobs stand that can be taken over. */
    List<Place> places(List<String> queues);

    /** Tells of what is there and is not taken over, and why. */
    void survey(List<String> queues, Report report);

    /** Reads the jobs of these members, in their order: each a draft or why there is none. */
    List<Draft> load(Place place, List<Member> members);

    /** Removes what was imported; false where the source has taken it meanwhile. */
    List<Boolean> remove(Place place, List<Draft> imported);
}
