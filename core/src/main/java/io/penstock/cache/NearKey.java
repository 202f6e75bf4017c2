package io.penstock.cache;

/** A key of one cache, as it stands in the near tier among those of all others. */
record NearKey(String cache, String key) {}
