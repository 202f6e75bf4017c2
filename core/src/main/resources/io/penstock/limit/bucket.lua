-- Does:    takes permits from a token bucket that refills evenly, by the clock of Redis.
--          What is missing from a full bucket is kept as a debt of permits times period millis: whole numbers below
--          2^53, so nothing is rounded. A call that is sent again is known by its name and charged once.
-- KEYS:    state of the key
-- ARGV:    permits, size of the bucket, permits refilled a period, period millis, name of the call (8 characters)
-- Returns: {1 or 0, permits left, millis until it is full, millis after which to come again, now in millis}
-- Cost:    O(1); a hash of 5 small fields that expires when the bucket is full
local n, size, rate, per = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local s = redis.call('HMGET', KEYS[1], 'd', 't', 'p', 'q', 'm')
local debt, marks = tonumber(s[1] or 0), s[5] or ''
-- The definition changed: what was taken stays taken.
if s[3] and tonumber(s[3]) ~= per then debt = math.ceil(debt / s[3] * per) end
debt = math.max(0, debt - rate * math.max(0, now - (s[2] or now)))
local again = false
for i = 1, #marks, 8 do again = again or string.sub(marks, i, i + 7) == ARGV[5] end

local turn, allowed, retry = tonumber(s[4] or 0), 1, 0
if not again and debt + n * per > size * per then
  -- Each caller that is refused gets a turn of its own, spaced as permits come back; after a period of turns they
  -- begin anew, so that one who hammers cannot push the others away without end.
  allowed = 0
  local free, step = math.ceil((debt + n * per - size * per) / rate), n * per / rate
  turn = math.max(turn, now + free)
  if turn > now + free + per then turn = now + free end
  retry = math.ceil(turn - now)
  turn = turn + step
elseif not again then
  debt = debt + n * per
  marks = string.sub(ARGV[5] .. marks, 1, 64)
end
local full = math.ceil(debt / rate)
redis.call('HSET', KEYS[1], 'd', string.format('%.0f', debt), 't', string.format('%.0f', now),
  'p', ARGV[4], 'q', string.format('%.3f', turn), 'm', marks)
redis.call('PEXPIRE', KEYS[1], math.max(1, full))
return {allowed, math.max(0, math.floor((size * per - debt) / per)), full, retry, now}
