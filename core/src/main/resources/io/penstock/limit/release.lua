-- Does:    gives permits back and learns how long they were held; sent again it changes nothing.
-- KEYS:    permits (by deadline), state of the key
-- ARGV:    permits, lease millis, token, millis held
-- Returns: {permits given back: 0 if they had run out}
-- Cost:    O(permits), each log of the permits held
-- first write: ZREM, which a full Redis allows
local members = {}
for i = 1, tonumber(ARGV[1]) do members[i] = ARGV[3] .. ':' .. i end
local gone = redis.call('ZREM', KEYS[1], unpack(members))
if gone > 0 then
  local held = tonumber(redis.call('HGET', KEYS[2], 'h') or ARGV[4])
  redis.call('HSET', KEYS[2], 'h', string.format('%.3f', held * 0.8 + ARGV[4] * 0.2))
  redis.call('PEXPIRE', KEYS[2], math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[2])))
end
return {gone}
