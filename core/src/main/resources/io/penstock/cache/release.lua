-- Does:    ends a lease without a value, as after a failed load, and wakes those who wait.
-- KEYS:    value, lease, mark of those who wait
-- ARGV:    token, 1 = drop the value that is there, channel, message
-- Returns: {1 if the lease still stood, else 0}
-- Cost:    O(1)
-- first write: DEL
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0} end
if ARGV[2] == '1' then redis.call('DEL', KEYS[1]) end
redis.call('DEL', KEYS[2])
if redis.call('DEL', KEYS[3]) == 1 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return {1}
