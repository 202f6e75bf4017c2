/** What takes jobs and runs them: the worker, its take loop, its runners and its lease. */
@NullMarked
package io.penstock.worker;

import org.jspecify.annotations.NullMarked;
