-- Does:    removes a key, takes the lease away from whoever loads it, and tells all processes.
-- KEYS:    value, lease, mark of those who wait
-- ARGV:    channel, message
-- Returns: {1 if there was a value, else 0}
-- Cost:    O(processes)
-- first write: DEL
local there = redis.call('DEL', KEYS[1])
redis.call('DEL', KEYS[2], KEYS[3])
redis.call('PUBLISH', ARGV[1], ARGV[2])
return {there}
