-- Does:    hands out permits that run until a deadline by the clock of Redis, so that what a crash leaves behind comes
--          free; asked again by the same token it extends what it gave.
-- KEYS:    permits (by deadline), state of the key
-- ARGV:    permits, limit, lease millis, token
-- Returns: {1 or 0, permits left, lease millis, millis after which to come again, fence}
-- Cost:    O(permits asked + permits run out), each log of the permits held
local n, limit, lease = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local over = string.format('%.0f', now)
local used = redis.call('ZCOUNT', KEYS[1], '(' .. over, '+inf')
local again = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[4] .. ':1') or 0) > now
local s = redis.call('HMGET', KEYS[2], 'f', 'h', 'q')

if not again and used + n > limit then
  -- How long permits are held is learned from their release; turns are spaced as they come back, within one lease.
  local step = n * math.min(lease, tonumber(s[2] or 1000)) / limit
  local turn = math.max(tonumber(s[3] or 0), now + step)
  if turn > now + lease then turn = now + math.min(step, lease) end
  redis.call('HSET', KEYS[2], 'q', string.format('%.3f', turn + step))
  redis.call('PEXPIRE', KEYS[2], math.max(lease, redis.call('PTTL', KEYS[2])))
  return {0, math.max(0, limit - used), lease, math.max(1, math.ceil(turn - now)), 0}
end

-- A fence only grows: microseconds, so that it does so even after the key has expired.
local fence = math.max(tonumber(s[1] or 0) + 1, t[1] * 1000000 + t[2])
local ends, entries = string.format('%.0f', now + lease), {}
for i = 1, n do
  entries[2 * i - 1] = ends
  entries[2 * i] = ARGV[4] .. ':' .. i
end
-- First the write that a full Redis refuses: after one that it allows it would refuse none.
redis.call('HSET', KEYS[2], 'f', string.format('%.0f', fence))
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', over)
redis.call('ZADD', KEYS[1], unpack(entries))
-- Not shorter than it is: somebody may hold a permit of a longer lease.
for k = 1, 2 do redis.call('PEXPIRE', KEYS[k], math.max(lease, redis.call('PTTL', KEYS[k]))) end
return {1, math.max(0, limit - redis.call('ZCARD', KEYS[1])), lease, 0, fence}
