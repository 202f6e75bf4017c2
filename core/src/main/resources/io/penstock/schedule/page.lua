-- Does:    reads schedules in the order of their ids.
-- KEYS:    names, definitions, states, due
-- ARGV:    where to begin as ZRANGEBYLEX has it ('[id', '(id', '-'), most schedules, now in millis (0 = by the clock of Redis)
-- Returns: {now, then id, definition, state and due millis or nil of each}
-- Cost:    O(schedules of the page)
local now = tonumber(ARGV[3])
if now == 0 then
  local t = redis.call('TIME')
  now = t[1] * 1000 + math.floor(t[2] / 1000)
end
local answer = {now}
for _, id in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])) do
  answer[#answer + 1] = id
  answer[#answer + 1] = redis.call('HGET', KEYS[2], id)
  answer[#answer + 1] = redis.call('HGET', KEYS[3], id)
  answer[#answer + 1] = redis.call('ZSCORE', KEYS[4], id)
end
return answer
