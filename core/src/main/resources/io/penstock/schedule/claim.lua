-- Does:    gives what is due to the caller, and to somebody else a lease later if nothing has become of it.
-- KEYS:    due, definitions, states
-- ARGV:    most schedules, lease millis, now in millis (0 = by the clock of Redis)
-- Returns: {now, when the next one is due or -1, then id, definition and state of each that was given}
-- Cost:    O(log schedules) while nothing is due, and as much for each that is
-- first write: ZREM, which a full Redis allows; after it the rest runs
redis.call('ZREM', KEYS[1], '')
local now = tonumber(ARGV[3])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local answer = {now, -1}
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
for i = 1, #ids do
  local definition = redis.call('HGET', KEYS[2], ids[i])
  local state = redis.call('HGET', KEYS[3], ids[i])
  if definition and state then
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ids[i])
    answer[#answer + 1] = ids[i]
    answer[#answer + 1] = definition
    answer[#answer + 1] = state
  else
    redis.call('ZREM', KEYS[1], ids[i])
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if first[2] then answer[2] = tonumber(first[2]) end
return answer
