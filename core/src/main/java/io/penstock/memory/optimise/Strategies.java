package io.penstock.memory.optimise;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The strategies that this process can find. Bound: {@value #MOST}. */
final class Strategies {
    /** Four are ours. */
    static final int MOST = 32;

    private static final Logger LOG = LoggerFactory.getLogger(Optimiser.class);

    private Strategies() {}

    /** Returns them by name. One that cannot be loaded, or takes a name that is taken, is reported and left out. */
    static Map<String, Strategy> load() {
        Map<String, Strategy> found = new LinkedHashMap<>();
        // ours are beside us, whatever the loader of the calling thread sees
        collect(
                ServiceLoader.load(Strategy.class, Strategy.class.getClassLoader())
                        .iterator(),
                found);
        collect(ServiceLoader.load(Strategy.class).iterator(), found);
        return found;
    }

    private static void collect(Iterator<Strategy> source, Map<String, Strategy> found) {
        for (int broken = 0; broken < MOST && found.size() < MOST; ) {
            try {
                if (!source.hasNext()) {
                    return;
                }
                Strategy strategy = source.next();
                Strategy other = found.putIfAbsent(strategy.name(), strategy);
                if (other != null && other.getClass() != strategy.getClass()) {
                    LOG.warn(
                            "strategy name={} of {} is left out: {} has that name; give it another",
                            strategy.name(),
                            strategy.getClass().getName(),
                            other.getClass().getName());
                }
            } catch (ServiceConfigurationError unusable) {
                broken++;
                LOG.warn("a strategy is left out: {}; the others work; mend its jar", unusable.getMessage());
            }
        }
    }

    static Strategy find(Map<String, Strategy> strategies, String name) {
        Strategy strategy = strategies.get(name);
        if (strategy == null) {
            throw new IllegalArgumentException(
                    "optimisation was not begun: there is no strategy '" + Texts.cut(name, 64) + "', there are "
                            + strategies.keySet() + "; nothing was freed; name one of them");
        }
        return strategy;
    }
}
