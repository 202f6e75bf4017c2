-- Does:    lets go of the lease, so that another process need not wait for its end.
-- KEYS:    lease, processes
-- ARGV:    token, process
-- Returns: {1}
-- Cost:    O(log processes)
-- first write: DEL or ZREM
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('ZREM', KEYS[2], ARGV[2])
return {1}
