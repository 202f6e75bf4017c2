-- Does:    writes a new operation down, if there is room among those that have not ended, and names those that are too old.
-- KEYS:    open operations, all operations, the operation, its ids
-- ARGV:    id, plan, how far it is, now millis, most open ones, most in all, keep millis, ids ("" = it has a filter)
-- Returns: {1 done or done before, 0 there are as many as may be; ids of those that are to be deleted}
-- Cost:    O(log n), and what it forgets
if redis.call('EXISTS', KEYS[3]) == 1 then return {1} end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[5]) then return {0} end
redis.call('HSET', KEYS[3], 'd', ARGV[2], 's', ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[7])
if ARGV[8] ~= '' then redis.call('SET', KEYS[4], ARGV[8], 'PX', ARGV[7]) end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
local out, old = {1}, redis.call('ZRANGE', KEYS[2], 0, -1 - tonumber(ARGV[6]))
for i = 1, #old do
  if not redis.call('ZSCORE', KEYS[1], old[i]) then
    redis.call('ZREM', KEYS[2], old[i])
    out[#out + 1] = old[i]
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4] - ARGV[7])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[4] - ARGV[7])
return out
