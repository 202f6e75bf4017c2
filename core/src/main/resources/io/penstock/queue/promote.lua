-- Does:    moves jobs that are due from delayed to their lines, by the clock of Redis, never early.
-- KEYS:    counters, delayed, lines of the four priorities, ghosts, inbox of the gate
-- ARGV:    most jobs, wake channel
-- Returns: {jobs moved, millis until the next one is due or -1}
-- Cost:    O(jobs + log delayed)
-- first write: ZREM, which a full Redis allows
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local until_now, most, due = time_digits(now), tonumber(ARGV[1]), {}

-- Takes what is due from the first leaf; answers the due time of the first job that stays.
local function take()
  local leaf = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
  if not leaf then return false end
  local stays
  for from, entry in string.gmatch(leaf, '()([^,]+)') do
    if #due == most or string.sub(entry, 1, 9) > until_now then
      stays = from
      break
    end
    due[#due + 1] = entry
  end
  if stays ~= 1 then
    redis.call('ZREM', KEYS[2], leaf)
    if stays then redis.call('ZADD', KEYS[2], '0', string.sub(leaf, stays)) end
  end
  return stays and string.sub(leaf, stays, stays + 8)
end

local next_due
repeat
  local before = #due
  next_due = take()
until next_due or #due == before

if #due > 0 then
  local ids, wake = {{}, {}, {}, {}, {}}, false
  local haunted = redis.call('EXISTS', KEYS[7]) == 1
  for i = 1, #due do
    local place = string.sub(due[i], 10)
    if haunted and redis.call('HDEL', KEYS[7], place) == 1 then
      wake = true -- its old place in the line is still there: a job has one place, however often it is moved
    else
      local digit = tonumber(string.sub(place, 1, 1))
      local line = ids[math.min(digit, 4) + 1]
      line[#line + 1] = digit > 3 and place or string.sub(place, 2)
    end
  end
  for p = 1, 5 do
    local line = KEYS[p == 5 and 8 or 2 + p]
    if #ids[p] > 0 then wake = redis.call('RPUSH', line, unpack(ids[p])) == #ids[p] or wake end
  end
  redis.call('HINCRBY', KEYS[1], 'delayed', -#due)
  redis.call('HINCRBY', KEYS[1], 'waiting', #due)
  if wake then redis.call('PUBLISH', ARGV[2], string.sub(due[1], 11, -3)) end
end
return {#due, next_due and math.max(0, tonumber(next_due, 32) - now) or -1}
