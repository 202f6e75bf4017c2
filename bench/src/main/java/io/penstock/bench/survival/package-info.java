/** Whether a process of 64 MB survives 200 hungry jobs at once, and how fast it is meanwhile, under several rules. */
@NullMarked
package io.penstock.bench.survival;

import org.jspecify.annotations.NullMarked;
