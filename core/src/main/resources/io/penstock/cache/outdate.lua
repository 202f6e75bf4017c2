-- Does:    gives a tag, or the whole cache, another version: values that carry an older one are dead from now on. The
--          version outlives all of them, then expires by itself.
-- KEYS:    version
-- ARGV:    new version, its life in millis, channel, message
-- Returns: {processes that were told}
-- Cost:    O(processes)
local life = math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1]))
redis.call('SET', KEYS[1], ARGV[1], 'PX', string.format('%.0f', life))
return {redis.call('PUBLISH', ARGV[3], ARGV[4])}
