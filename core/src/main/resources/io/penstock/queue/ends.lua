-- Does:    reads what flows are to hear of the jobs of a queue, and which flows that live here have work left.
-- KEYS:    counters, ends of flow jobs, flows with work, blocked
-- ARGV:    most ends, most flows
-- Returns: {number of the first end, count of ends, ends..., flows...}
-- Cost:    O(ends + flows)
local first = redis.call('HGET', KEYS[1], 'flowEnds')
if not first then
  -- Numbers must never come again, also when the counters were lost, so they begin with the time in microseconds.
  if redis.call('EXISTS', KEYS[2]) == 0 then
    first = '0'
  else
    local t = redis.call('TIME')
    first = string.format('%.0f', t[1] * 1000000 + t[2])
    redis.call('HSET', KEYS[1], 'flowEnds', first)
  end
end
local out = {first, 0}
local ends = redis.call('LRANGE', KEYS[2], 0, ARGV[1] - 1)
out[2] = #ends
for i = 1, #ends do out[2 + i] = ends[i] end
if ARGV[2] ~= '0' then
  local flows = redis.call('SRANDMEMBER', KEYS[3], ARGV[2])
  for i = 1, #flows do out[#out + 1] = flows[i] end
end
return out
