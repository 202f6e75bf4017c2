-- Does:    replaces, adds or removes a channel, if it is still what the caller saw; done twice, it is done once.
-- KEYS:    channels
-- ARGV:    id, what was seen (empty = none), what shall be (empty = none), most channels
-- Returns: {1 done, 0 it is another one by now, -1 there are as many as may be}
-- Cost:    O(1); a field of a few KiB
local now = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if now == ARGV[3] then return {1} end
if now ~= ARGV[2] then return {0} end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
elseif now == '' and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  return {-1}
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return {1}
