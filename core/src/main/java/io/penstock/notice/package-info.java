/** News for people: what is told, through which channels, how often, and what became of it. */
@NullMarked
package io.penstock.notice;

import org.jspecify.annotations.NullMarked;
