-- Does:    drops jobs from the head of a line, or from delayed, if they still stand there.
-- KEYS:    counters, line or delayed, ghosts, crashes, ends of flow jobs, then keys that the arguments point to
-- ARGV:    "line" or "delayed", priority, count of jobs, then each job: id (of a delayed one its entry), index of its records, index of its extras,
--          index of its unique key or 0, field or "", place in its flow or ""
-- Returns: {jobs dropped, bytes dropped}
-- Cost:    O(jobs)
-- first write: LTRIM or ZREM, which a full Redis allows
local counters, place, ghosts, crashes = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local jobs = tonumber(ARGV[3])
local here = {}
if ARGV[1] == 'line' then
  local head = redis.call('LRANGE', place, 0, jobs - 1)
  for i = 1, jobs do
    if head[i] ~= ARGV[4 + 6 * (i - 1)] then break end
    here[i] = true
  end
  redis.call('LTRIM', place, #here, -1)
else
  for i = 1, jobs do here[i] = unschedule(place, ARGV[4 + 6 * (i - 1)]) == 1 end
end
-- A block whose jobs are gone holds only its pad, and goes with it.
local function vacate(block)
  if redis.call('HLEN', block) == 1 then redis.call('HDEL', block, '') end
end
local dropped, bytes = 0, 0
for i = 1, jobs do
  local at = 4 + 6 * (i - 1)
  local id, records = string.sub(ARGV[at], ARGV[1] == 'line' and 1 or 11), KEYS[tonumber(ARGV[at + 1])]
  local ghost = here[i] and ARGV[1] == 'line' and tonumber(redis.call('HGET', ghosts, ARGV[2] .. id) or 0) > 0
  if ghost then
    if redis.call('HINCRBY', ghosts, ARGV[2] .. id, -1) <= 0 then redis.call('HDEL', ghosts, ARGV[2] .. id) end
  elseif here[i] then
    bytes = bytes + redis.call('HSTRLEN', records, id)
    redis.call('HDEL', records, id)
    vacate(records)
    redis.call('HDEL', crashes, id)
    redis.call('DEL', KEYS[tonumber(ARGV[at + 2])])
    local key = KEYS[tonumber(ARGV[at + 3])]
    if key and ARGV[at + 4] == '' then
      if redis.call('GET', key) == id then redis.call('DEL', key) end
    elseif key and redis.call('HGET', key, ARGV[at + 4]) == id then
      redis.call('HDEL', key, ARGV[at + 4])
    end
    if ARGV[at + 5] ~= '' then redis.call('RPUSH', KEYS[5], 'cancelled ' .. id .. ' ' .. ARGV[at + 5]) end
    dropped = dropped + 1
  end
end
redis.call('HINCRBY', counters, ARGV[1] == 'line' and 'waiting' or 'delayed', 0 - dropped)
redis.call('HINCRBY', counters, 'bytes', 0 - bytes)
return {dropped, bytes}
