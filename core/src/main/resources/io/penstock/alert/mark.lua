-- Does:    remembers that an alert was acknowledged or silenced; when there is no room, first forgets what has expired.
-- KEYS:    marks, numbers
-- ARGV:    field, text, millis when it means nothing any more (0 = forget it now), most marks
-- Returns: {0 done, 2 too many}
-- Cost:    O(1), O(marks) when they are at their bound
-- first write: HDEL, which a full Redis allows; after it the rest runs
redis.call('HDEL', KEYS[2], '')
if ARGV[3] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
    local now, left = redis.call('TIME')[1] * 1000, 0
    local marks = redis.call('HGETALL', KEYS[1])
    for i = 1, #marks, 2 do
      if tonumber(string.match(marks[i + 1], '^%d+')) < now then
        redis.call('HDEL', KEYS[1], marks[i])
      else
        left = left + 1
      end
    end
    if left >= tonumber(ARGV[4]) then return {2} end
  end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. ' ' .. ARGV[2])
end
redis.call('HINCRBY', KEYS[2], 'marks', 1)
return {0}
