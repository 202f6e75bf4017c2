-- Does:    declares incarnations dead whose lease has run out, so that nothing they send counts any more.
-- KEYS:    leases, dead incarnations
-- ARGV:    most incarnations
-- Returns: tokens of the dead whose jobs are not all moved yet, at most so many
-- Cost:    O(dead log workers)
-- first write: ZREM, which a full Redis allows
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local late = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
if #late > 0 then
  redis.call('ZREM', KEYS[1], unpack(late))
  redis.call('SADD', KEYS[2], unpack(late))
end
return redis.call('SRANDMEMBER', KEYS[2], ARGV[1])
