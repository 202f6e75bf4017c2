-- Does:    gives back what a call took of a rate and did not use, as far as it still counts. Sent again it changes nothing: the
--          refund of a call is remembered as the call itself.
-- KEYS:    state of the key
-- ARGV:    permits, when they were taken (epoch millis), name of the refund (8 characters), of a window: slice millis; of a
--          bucket: size, permits refilled a period, period millis
-- Returns: {permits given back}
-- Cost:    O(1)
-- first write: PEXPIRE, which a full Redis allows
local n, taken, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local left = redis.call('PTTL', KEYS[1])
local marks = redis.call('HGET', KEYS[1], 'm') or ''
for i = 1, #marks, 8 do
  if string.sub(marks, i, i + 7) == name then return {0} end
end
if left < 1 then return {0} end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
marks = string.sub(name .. marks, 1, 64)

if #ARGV == 4 then
  local RING, slice = 17, tonumber(ARGV[4])
  local s = redis.call('HMGET', KEYS[1], 'w', 'h', 'n')
  local there = math.floor(taken / slice)
  local place = tostring(there % RING)
  -- Another window than it was taken from, or it has left: then its place is that of another slice.
  if tonumber(s[1]) ~= slice or there > tonumber(s[2]) or there <= math.max(tonumber(s[2]), math.floor(now / slice)) - RING then
    return {0}
  end
  n = math.min(n, tonumber(redis.call('HGET', KEYS[1], place) or 0))
  redis.call('PEXPIRE', KEYS[1], left)
  redis.call('HSET', KEYS[1], 'n', string.format('%.0f', s[3] - n), 'm', marks)
  redis.call('HINCRBY', KEYS[1], place, -n)
  -- When permits come free was reckoned with these, and so were the turns of those who were refused.
  redis.call('HDEL', KEYS[1], 'r', 'k', 'q')
  return {n}
end

local size, rate, per = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local s = redis.call('HMGET', KEYS[1], 'd', 't', 'p')
-- In that time the bucket has filled, whatever was taken.
if (now - taken) * rate >= size * per or tonumber(s[3]) ~= per then return {0} end
local debt = math.max(0, s[1] - rate * math.max(0, now - s[2]))
local back = math.min(debt, n * per)
redis.call('PEXPIRE', KEYS[1], math.max(1, math.ceil((debt - back) / rate)))
redis.call('HSET', KEYS[1], 'd', string.format('%.0f', debt - back), 't', string.format('%.0f', now), 'm', marks, 'q', '0')
return {math.floor(back / per)}
