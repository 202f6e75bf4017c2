-- Does:    stores what was loaded and ends the lease, if the lease still stands: an invalidation takes it away, so what
--          was loaded before it is never stored after it. Wakes those who wait.
-- KEYS:    value, lease, mark of those who wait
-- ARGV:    token, value, its life in millis, channel, message
-- Returns: {1 if it was stored, else 0}; sent again it answers 0 and changes nothing
-- Cost:    O(bytes of the value)
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0} end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[2])
if redis.call('DEL', KEYS[3]) == 1 then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return {1}
