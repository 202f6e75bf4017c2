-- Does:    drops jobs from the head of a line, or from delayed, if they still stand there.
-- KEYS:    counters, line or delayed or inbox of the gate, ghosts, crashes, ends of flow jobs, then keys that the arguments
--          point to
-- ARGV:    "line", "inbox" or "delayed", priority, count of jobs, then each job: id (of others than a line its entry), index of
--          its records, index of its extras, index of its unique key or 0, field or "", place in its flow or ""
-- Returns: {jobs dropped, bytes dropped}
-- Cost:    O(jobs)
-- first write: LTRIM or ZREM, which a full Redis allows
local counters, place, ghosts, crashes = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local jobs = tonumber(ARGV[3])
local here = {}
if ARGV[1] ~= 'delayed' then
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
  local id, digit, records = ARGV[at], ARGV[2], KEYS[tonumber(ARGV[at + 1])]
  if ARGV[1] == 'delayed' then id = string.sub(id, 11) end
  if ARGV[1] == 'inbox' then
    digit, id = string.match(id, '^(%d)(%w+)')
    digit = digit % 4 + 4
  end
  local ghost = here[i] and ARGV[1] ~= 'delayed' and tonumber(redis.call('HGET', ghosts, digit .. id) or 0) > 0
  if ghost then
    if redis.call('HINCRBY', ghosts, digit .. id, -1) <= 0 then redis.call('HDEL', ghosts, digit .. id) end
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
redis.call('HINCRBY', counters, ARGV[1] == 'delayed' and 'delayed' or 'waiting', 0 - dropped)
redis.call('HINCRBY', counters, 'bytes', 0 - bytes)
return {dropped, bytes}
