/** A cache of two tiers: bytes in the process under one bound for all caches, Redis behind it for all processes. */
@NullMarked
package io.penstock.cache;

import org.jspecify.annotations.NullMarked;
