package io.penstock.memory.trend;

/** Finds values by their rank without sorting and without allocating, which the JDK's sort does for runs. */
final class Rank {
    private Rank() {}

    /** Returns the value of this rank (0 = the smallest) among the first n; moves them about. By Hoare, 1961. */
    static double nth(double[] values, int n, int rank) {
        int low = 0;
        int high = n - 1;
        while (low < high) {
            double pivot = values[(low + high) >>> 1];
            int left = low;
            int right = high;
            while (left <= right) {
                while (values[left] < pivot) {
                    left++;
                }
                while (values[right] > pivot) {
                    right--;
                }
                if (left <= right) {
                    double swap = values[left];
                    values[left++] = values[right];
                    values[right--] = swap;
                }
            }
            if (rank <= right) {
                high = right;
            } else if (rank >= left) {
                low = left;
            } else {
                return values[rank];
            }
        }
        return values[rank];
    }

    /** Returns the middle of the first n, or the mean of the two middle ones; moves them about. */
    static double median(double[] values, int n) {
        double below = nth(values, n, (n - 1) / 2);
        return n % 2 == 1 ? below : (below + nth(values, n, n / 2)) / 2;
    }
}
