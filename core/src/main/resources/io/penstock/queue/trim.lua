-- Does:    forgets the ends of flow jobs before a number: their flows have heard of them.
-- KEYS:    counters, ends of flow jobs
-- ARGV:    number of the first end that stays
-- Returns: {ends left}
-- Cost:    O(ends)
-- first write: LTRIM, which a full Redis allows
local by = ARGV[1] - (redis.call('HGET', KEYS[1], 'flowEnds') or ARGV[1])
if by > 0 then
  redis.call('LTRIM', KEYS[2], by, -1)
  redis.call('HINCRBY', KEYS[1], 'flowEnds', string.format('%.0f', by))
end
return {redis.call('LLEN', KEYS[2])}
