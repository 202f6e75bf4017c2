-- Does:    lets blocked jobs go that their flow, which lives in another queue, has made ready.
-- KEYS:    counters, delayed, lines of the four priorities, blocked, inbox of the gate, then record blocks
-- ARGV:    wake channel, then each job: id, index of its records, due ("" | "+millis" | "@epochMillis")
-- Returns: {jobs let go}; one that was not blocked is left as it is
-- Cost:    O(jobs)
for i = 2, #ARGV, 3 do release(KEYS[7], KEYS[tonumber(ARGV[i + 1])], 3, ARGV[i], ARGV[i + 2]) end
released(KEYS[1], KEYS[2], KEYS[7], ARGV[1])
return {freed.blocked}
