/**
 * The old design of the field report, replayed so that its column is measured and not quoted. Not a part of the example:
 * nothing here is how it should be done.
 *
 * <p>What is in it is what the report tells of: a polling timer and a stalled timer for each of 15 workers, a Redis pool of
 * 20 with a connection for each operation and a line without an end before it, histories without an end, listeners that
 * nobody removes, one optimiser a queue that calls for a collection every 30 s, agents read from SQL by each request. It is
 * Java, so it shows what the design costs on this machine and not what Node.js cost there: its timers are threads, its
 * collector is the JVM's, and nothing in it was made slow on purpose.
 */
package io.penstock.examples.chat.replay;
