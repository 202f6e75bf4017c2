/**
 * The proof: the loads of the field report against the example and against the old design, watched from outside, as one
 * table; a soak that asks by regression whether anything grows; and a small one of both that runs with the tests.
 */
package io.penstock.examples.chat.acceptance;
