package io.penstock.importer;

import io.penstock.job.Names;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What names of the source are called here: as they were told, else the same name with what is not legal here written
 * otherwise ({@code Billing::Retry} becomes {@code Billing.Retry}, {@code email:welcome} becomes {@code email-welcome}).
 */
final class Naming {
    /** Names remembered to see two that would become one; more than any system has. */
    private static final int MOST = 10_000;

    private final String what;
    private final Map<String, String> told;
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, String> known = new HashMap<>();

    /** @param told names of the source and what they are called here */
    Naming(String what, Map<String, String> told) {
        this.what = what;
        this.told = told;
        told.values().forEach(name -> Names.check(what, name));
    }

    /** A name here, or why there is none. */
    record Named(String name, @Nullable String clash) {}

    Named of(String source) {
        String given = told.get(source);
        if (given != null) {
            return new Named(given, null); // whoever maps two names to one wants it
        }
        String name = known.containsKey(source) ? known.get(source) : legal(source);
        String owner = owners.get(name);
        if (owner == null && owners.size() < MOST) {
            owners.put(name, source);
            known.put(source, name);
        }
        return owner == null || owner.equals(source)
                ? new Named(name, null)
                : new Named(
                        name,
                        what + " \"" + Draft.cut(source, 64) + "\" would be called \"" + name + "\" as \""
                                + Draft.cut(owner, 64) + "\" is; give it a name with --" + what);
    }

    static String legal(String source) {
        StringBuilder name = new StringBuilder(Names.MAX_LENGTH);
        String text = source.replace("::", ".");
        for (int i = 0; i < text.length() && name.length() < Names.MAX_LENGTH; i++) {
            char c = text.charAt(i);
            boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            boolean inner = alphanumeric || c == '.' || c == '_' || c == '-';
            if (alphanumeric || inner && !name.isEmpty()) {
                name.append(c);
            } else if (!name.isEmpty() && name.charAt(name.length() - 1) != '-') {
                name.append('-');
            }
        }
        return name.isEmpty() ? "unnamed" : name.toString();
    }
}
