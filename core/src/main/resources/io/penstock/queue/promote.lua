-- Does:    moves jobs that are due from delayed to their lines, by the clock of Redis, never early.
-- KEYS:    counters, delayed, lines of the four priorities, ghosts
-- ARGV:    most jobs, wake channel
-- Returns: {jobs moved, millis until the next one is due or -1}
-- Cost:    O(jobs log delayed)
-- first write: ZREM, which a full Redis allows
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, ARGV[1])
if #due > 0 then
  redis.call('ZREM', KEYS[2], unpack(due))
  local ids, wake = {{}, {}, {}, {}}, false
  local haunted = redis.call('EXISTS', KEYS[7]) == 1
  for i = 1, #due do
    if haunted and redis.call('HDEL', KEYS[7], due[i]) == 1 then
      wake = true -- its old place in the line is still there: a job has one place, however often it is moved
    else
      local line = ids[tonumber(string.sub(due[i], 1, 1)) + 1]
      line[#line + 1] = string.sub(due[i], 2)
    end
  end
  for p = 1, 4 do
    if #ids[p] > 0 then wake = redis.call('RPUSH', KEYS[2 + p], unpack(ids[p])) == #ids[p] or wake end
  end
  redis.call('HINCRBY', KEYS[1], 'delayed', -#due)
  redis.call('HINCRBY', KEYS[1], 'waiting', #due)
  if wake then redis.call('PUBLISH', ARGV[2], string.sub(due[1], 2, -3)) end
end
local head = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {#due, head[2] and math.max(0, head[2] - now) or -1}
