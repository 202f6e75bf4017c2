package io.penstock.server.redact;

/**
 * Numbers of payment cards: 13 to 19 digits, alone or in groups, of a known issuer's beginning and length, and right by the
 * check digit (Luhn, ISO/IEC 7812-1).
 *
 * <p>The check digit alone would hide one in ten of all long numbers.
 */
final class CardNumber {
    private static final int LEAST = 13;
    private static final int MOST = 19;

    private CardNumber() {}

    /** Returns the end of the card number that begins here, or -1. */
    static int end(String text, int from) {
        StringBuilder digits = new StringBuilder(MOST + 1);
        int last = from;
        for (int i = from; i < text.length() && digits.length() <= MOST; i++) {
            char c = text.charAt(i);
            if (c >= '0' && c <= '9') {
                digits.append(c);
                last = i + 1;
            } else if (!(c == ' ' || c == '-') || last != i) {
                break; // two signs between digits, or another letter
            }
        }
        boolean ends = last == text.length() || !Character.isLetterOrDigit(text.charAt(last));
        return ends && is(digits) ? last : -1;
    }

    /** Tells whether these digits are one. */
    static boolean is(CharSequence digits) {
        int length = digits.length();
        return length >= LEAST && length <= MOST && issued(digits, length) && luhn(digits);
    }

    private static boolean issued(CharSequence digits, int length) {
        int two = Integer.parseInt(digits, 0, 2, 10);
        int four = Integer.parseInt(digits, 0, 4, 10);
        if (two / 10 == 4) {
            return length == 13 || length == 16 || length == 19; // Visa
        }
        boolean mastercard = (two >= 51 && two <= 55) || (four >= 2221 && four <= 2720);
        boolean discover =
                four == 6011 || two == 65 || (four >= 6440 && four <= 6499) || (four >= 3528 && four <= 3589);
        if (mastercard || discover) {
            return length == 16;
        }
        if (two == 62) {
            return length >= 16; // UnionPay
        }
        boolean amex = two == 34 || two == 37;
        return amex ? length == 15 : length == 14 && (two == 36 || two == 38 || two == 30); // Diners
    }

    private static boolean luhn(CharSequence digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int twice = digit * 2;
            sum += i % 2 == 0 ? digit : twice > 9 ? twice - 9 : twice;
        }
        return sum % 10 == 0;
    }
}
