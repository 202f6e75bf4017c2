-- Does:    deletes a schedule with its history, if it still stands where the caller saw it.
-- KEYS:    names, definitions, states, due, runs of the schedule
-- ARGV:    id, state that was seen
-- Returns: {0 done, 1 changed by others}; a call that comes twice is done once
-- Cost:    O(log schedules), and O(runs kept)
-- first write: ZREM, which a full Redis allows
local is = redis.call('HGET', KEYS[3], ARGV[1])
if is and is ~= ARGV[2] then return {1} end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[5])
return {0}
