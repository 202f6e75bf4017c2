-- Does:    replaces the value of a key whoever loads it, takes the lease away from them, and tells all processes.
-- KEYS:    value, lease, mark of those who wait
-- ARGV:    value, its life in millis, channel, message
-- Returns: {processes that were told}
-- Cost:    O(bytes of the value + processes)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2], KEYS[3])
return {redis.call('PUBLISH', ARGV[3], ARGV[4])}
