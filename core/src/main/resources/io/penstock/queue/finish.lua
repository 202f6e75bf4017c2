-- Does:    ends deliveries as their holder reports them, or as the reclaimer decides for a holder that died; whoever does
--          not hold a job any more changes nothing. Sending it again with the same number changes nothing.
-- KEYS:    counters, leases, dead incarnations, incarnation, active, delayed, lines of the four priorities, completed,
--          failed, cancelled, crashes, cancel requests, watched, then any keys that the arguments point to.
-- ARGV:    lease token, incarnation number, call number or "" (reclaimer), wake channel, event channel, now millis,
--          bytes freed by the plain jobs, bytes kept of them, run millis, attempts that failed,
--          groups of plain completed jobs that are kept: count of groups, then each: index of its finish block, jobs,
--          id, finish record...; then the same number of jobs' index entries as one run;
--          groups of plain completed jobs that are not kept: count, then each: index of its record block, jobs, id...;
--          then each special job: kind, id, priority, index of its records, index of its finish block, record or "",
--          finish record or "", index entry, wait millis, index of its unique key or 0, field or "", index of its extras
--          or 0, extras field, extras value, bytes freed, bytes kept, crashes or "".
-- Returns: {"lost"} | {"again"} | {"ok", jobs ended, index length of completed, ids that were refused...}
-- Cost:    O(jobs); plain jobs in one command for each block, special ones about ten commands each.
-- first write: HDEL, which a full Redis allows
local counters, leases, dead, incarnation, active, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local completed, failed, cancelled, crashes, requests, watched =
  KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16]
local token, number, call, now = ARGV[1], ARGV[2], ARGV[3], ARGV[6]

if call == '' then
  if redis.call('SISMEMBER', dead, token) == 0 then return {'lost'} end
else
  if not redis.call('ZSCORE', leases, token) then return {'lost'} end
  if redis.call('HGET', incarnation, 'finish') == call then return {'again'} end
end

local ended, refused, wake, told = 0, {}, false, {}
local sum = {active = 0, bytes = -ARGV[7], completedBytes = tonumber(ARGV[8]), runMillisTotal = tonumber(ARGV[9]),
  retriedTotal = tonumber(ARGV[10])}
local watching = redis.call('EXISTS', watched) == 1
local cancelling = redis.call('EXISTS', requests) == 1

local function add(field, by) sum[field] = (sum[field] or 0) + by end

local function tell(kind, ids)
  if watching then told[#told + 1] = kind .. table.concat(ids, ',') end
end

-- Gives up the leases of plain jobs; answers those that were held, and the places of those that were not.
local function release(ids)
  local owners = redis.call('HMGET', active, unpack(ids))
  local held, alien = ids, nil
  for i = 1, #ids do
    if owners[i] ~= number then alien = alien or {} alien[i] = true end
  end
  if alien then
    held = {}
    for i = 1, #ids do
      if alien[i] then refused[#refused + 1] = ids[i] else held[#held + 1] = ids[i] end
    end
  end
  if #held > 0 then
    redis.call('HDEL', active, unpack(held))
    if cancelling then redis.call('SREM', requests, unpack(held)) end
    tell('completed ', held)
  end
  ended = ended + #held
  return held, alien
end

local at, kept, aliens = 12, 0, {}
for _ = 1, tonumber(ARGV[11]) do
  local finishes, count = KEYS[tonumber(ARGV[at])], tonumber(ARGV[at + 1])
  local ids = {}
  for i = 1, count do ids[i] = ARGV[at + 2 * i] end
  local _, alien = release(ids)
  if not alien then
    redis.call('HSET', finishes, unpack(ARGV, at + 2, at + 1 + 2 * count))
  else
    for i = 1, count do
      if alien[i] then
        aliens[kept + i] = true
      else
        redis.call('HSET', finishes, ids[i], ARGV[at + 1 + 2 * i])
      end
    end
  end
  kept = kept + count
  at = at + 2 + 2 * count
end
if kept > 0 then
  if not next(aliens) then
    redis.call('RPUSH', completed, unpack(ARGV, at, at + kept - 1))
  else
    for i = 1, kept do
      if not aliens[i] then redis.call('RPUSH', completed, ARGV[at + i - 1]) end
    end
  end
  add('completed', ended)
  at = at + kept
end
local groups = tonumber(ARGV[at])
at = at + 1
for _ = 1, groups do
  local records, count = KEYS[tonumber(ARGV[at])], tonumber(ARGV[at + 1])
  local held = release({unpack(ARGV, at + 2, at + 1 + count)})
  if #held > 0 then redis.call('HDEL', records, unpack(held)) end
  at = at + 2 + count
end
if ended > 0 then
  add('completedTotal', ended)
  add('active', -ended)
end

local index_of = {completed = completed, failed = failed, cancelled = cancelled}

local function special(i)
  local kind, id, priority = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local records, finishes = KEYS[tonumber(ARGV[i + 3])], KEYS[tonumber(ARGV[i + 4])]
  if redis.call('HGET', active, id) ~= number then
    refused[#refused + 1] = id
    return
  end
  redis.call('HDEL', active, id)
  if cancelling then redis.call('SREM', requests, id) end
  add('active', -1)
  add('bytes', -ARGV[i + 14])
  ended = ended + 1
  if ARGV[i + 5] ~= '' then redis.call('HSET', records, id, ARGV[i + 5]) end
  if kind == 'waiting' or kind == 'head' then
    local push = kind == 'head' and 'LPUSH' or 'RPUSH'
    if redis.call(push, KEYS[7 + priority], id) == 1 then wake = true end
    add('waiting', 1)
  elseif kind == 'delayed' then
    local t = redis.call('TIME')
    redis.call('ZADD', delayed, string.format('%.0f', t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[i + 8]), priority .. id)
    add('delayed', 1)
    tell('delayed ', {id})
  else
    if ARGV[i + 6] == '' then
      redis.call('HDEL', records, id)
    else
      redis.call('HSET', finishes, id, ARGV[i + 6])
      if kind == 'completed' then
        redis.call('RPUSH', completed, ARGV[i + 7])
      else
        redis.call('ZADD', index_of[kind], now, id)
      end
      add(kind, 1)
      add(kind .. 'Bytes', tonumber(ARGV[i + 15]))
    end
    add(kind .. 'Total', 1)
    redis.call('HDEL', crashes, id)
    tell(kind .. ' ', {id})
    local key = KEYS[tonumber(ARGV[i + 9])]
    if key then
      if ARGV[i + 10] == '' then
        if kind == 'cancelled' and redis.call('GET', key) == id then redis.call('DEL', key) end
      elseif redis.call('HGET', key, ARGV[i + 10]) == id then
        redis.call('HDEL', key, ARGV[i + 10])
      end
    end
  end
  if ARGV[i + 16] ~= '' then redis.call('HSET', crashes, id, ARGV[i + 16]) end
  local extras = KEYS[tonumber(ARGV[i + 11])]
  if extras and ARGV[i + 12] ~= '' then
    redis.call('HSET', extras, ARGV[i + 12], ARGV[i + 13])
  elseif extras then
    redis.call('DEL', extras)
  end
end

for i = at, #ARGV, 17 do special(i) end

if call ~= '' then redis.call('HSET', incarnation, 'finish', call) end
for field, by in pairs(sum) do
  if by ~= 0 then redis.call('HINCRBY', counters, field, string.format('%.0f', by)) end
end
if wake then redis.call('PUBLISH', ARGV[4], '') end
for i = 1, #told do redis.call('PUBLISH', ARGV[5], told[i]) end
local out = {'ok', ended, kept > 0 and redis.call('LLEN', completed) or 0}
for i = 1, #refused do out[i + 3] = refused[i] end
return out
