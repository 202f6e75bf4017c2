package io.penstock.job;

/**
 * A place in what a job emits: behind this piece of this run. Places of one job grow.
 *
 * @param run when the run began to emit, in epoch millis by the clock of Redis; 0 = before all
 * @param number of the piece in its run, from 1; 0 = before the first
 */
public record Place(long run, long number) implements Comparable<Place> {
    /** Before everything. */
    public static final Place START = new Place(0, 0);

    public Place {
        if (run < 0 || number < 0) {
            throw new IllegalArgumentException(
                    "place " + run + "-" + number + " has a part below 0; nothing was followed; use one that was told");
        }
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Place parse(String text) {
        if (!text.matches("\\d{1,15}-\\d{1,15}")) {
            throw new IllegalArgumentException("place \"" + text.substring(0, Math.min(40, text.length()))
                    + "\" is not RUN-NUMBER; nothing was followed; use one that was told");
        }
        int dash = text.indexOf('-');
        return new Place(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
    }

    @Override
    public int compareTo(Place other) {
        int runs = Long.compare(run, other.run);
        return runs != 0 ? runs : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return run + "-" + number;
    }
}
