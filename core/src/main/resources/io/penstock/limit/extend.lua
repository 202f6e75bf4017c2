-- Does:    moves the deadline of permits that have not run out.
-- KEYS:    permits (by deadline), state of the key
-- ARGV:    permits, lease millis, token
-- Returns: {1 if they are still held, else 0}
-- Cost:    O(permits), each log of the permits held
-- first write: PEXPIRE, which a full Redis allows
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ends = redis.call('ZSCORE', KEYS[1], ARGV[3] .. ':1')
if not ends or tonumber(ends) <= now then return {0} end
for k = 1, 2 do
  redis.call('PEXPIRE', KEYS[k], math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[k])))
end
local until_then, entries = string.format('%.0f', now + ARGV[2]), {}
for i = 1, tonumber(ARGV[1]) do
  entries[2 * i - 1] = until_then
  entries[2 * i] = ARGV[3] .. ':' .. i
end
redis.call('ZADD', KEYS[1], 'XX', unpack(entries))
return {1}
