/** Admission for work: how many bytes of jobs a process may have in hand and run at once; knows neither Redis nor queues. */
@NullMarked
package io.penstock.memory.admission;

import org.jspecify.annotations.NullMarked;
