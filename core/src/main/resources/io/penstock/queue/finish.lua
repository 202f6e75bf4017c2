-- Does:    ends deliveries as their holder reports them, or as the reclaimer decides for a holder that died; whoever does
--          not hold a job any more changes nothing. Sending it again with the same number changes nothing.
-- KEYS:    counters, leases, dead incarnations, incarnation, active, delayed, lines of the four priorities, completed,
--          failed, cancelled, crashes, cancel requests, watched, retained, permits given back, ends of flow jobs, inbox of
--          the gate, then any keys that the arguments point to.
-- ARGV:    lease token, incarnation number, call number or "" (reclaimer), wake channel, event channel, now millis,
--          bytes freed by the plain jobs, bytes kept of them, run millis, attempts that failed,
--          count of plain completed jobs that give permits back, then each: id, permits;
--          runs of plain completed jobs that are kept, alike in all but their ids: count of runs, then each: indexes
--          of its records and finishes, finish record, index entry, bytes of the records, jobs, id...; then those that
--          are not kept: count of runs, then each: index of its record block, bytes of the records, jobs, id...;
--          then each special job: kind, id, digit of its line, index of its records, index of its finish block, record or "",
--          finish record or "" (of a keep-last job that goes on: in case a newer one holds its key), index entry, wait millis (completed: kept until epoch millis, 0 = as the queue says), index of its unique key or 0, field or "", index of its extras
--          or 0, extras field ("w": it waits for a signal), extras value (name of the signal: if it has come meanwhile the job waits no more), bytes freed, bytes kept, crashes or "", permits it gives back or "", place in
--          its flow or "".
-- Returns: {"lost"} | {"again"} | {"ok", jobs ended, index length of completed, ids that were refused...}
-- Cost:    O(jobs); plain jobs in one command for each block, special ones about ten commands each.
-- first write: ZREM of nothing, which a full Redis allows also when all is refused
local counters, leases, dead, incarnation, active, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local completed, failed, cancelled, crashes, requests, watched, retained =
  KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17]
-- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
local PAD = '-----------------------------------------------------------------'
local token, number, call, now = ARGV[1], ARGV[2], ARGV[3], ARGV[6]

if call == '' then
  if redis.call('SISMEMBER', dead, token) == 0 then return {'lost'} end
else
  if not redis.call('ZSCORE', leases, token) then return {'lost'} end
  if redis.call('HGET', incarnation, 'finish') == call then return {'again'} end
end

redis.call('ZREM', leases, '')
local ended, refused, wake, told, later = 0, {}, false, {}, {}
local sum = {active = 0, bytes = -ARGV[7], completedBytes = tonumber(ARGV[8]), runMillisTotal = tonumber(ARGV[9]),
  retriedTotal = tonumber(ARGV[10])}
local watching = redis.call('EXISTS', watched) == 1
local cancelling = redis.call('EXISTS', requests) == 1

local function add(field, by) sum[field] = (sum[field] or 0) + by end

local permits, given = {}, {}
for i = 12, 10 + 2 * ARGV[11], 2 do permits[ARGV[i]] = ARGV[i + 1] end

local function tell(kind, ids)
  if watching then told[#told + 1] = kind .. table.concat(ids, ',') end
end

-- A block whose jobs are gone holds only its pad, and goes with it.
local function vacate(block)
  if redis.call('HLEN', block) == 1 then redis.call('HDEL', block, '') end
end

-- Gives up the leases of plain jobs and answers those that were held: all, unless a worker reports a job twice.
local function release(from, count)
  local ids = {unpack(ARGV, from, from + count - 1)}
  local owners, held = redis.call('HMGET', active, unpack(ids)), {}
  for i = 1, count do table.insert(owners[i] == number and held or refused, ids[i]) end
  if #held > 0 and redis.call('HDEL', active, unpack(held)) < #held then
    local once, seen = {}, {}
    for i = 1, #held do
      once[#once + 1], seen[held[i]] = not seen[held[i]] and held[i] or nil, true
    end
    held = once
  end
  if cancelling and #held > 0 then redis.call('SREM', requests, unpack(held)) end
  if next(permits) then
    for i = 1, #held do given[#given + 1] = permits[held[i]] end
  end
  tell('completed ', held)
  ended = ended + #held
  return held
end

-- The bytes of these records, when fewer of a run count than the caller weighed.
local function weigh(records, ids, claimed)
  local bytes = 0
  for i = 1, #ids do bytes = bytes + redis.call('HSTRLEN', records, ids[i]) end
  add('bytes', claimed - bytes)
  return bytes
end

local at, kept = 13 + 2 * ARGV[11], 0
for _ = 1, tonumber(ARGV[at - 1]) do
  local records, finishes, finish = KEYS[tonumber(ARGV[at])], KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2]
  local entry, claimed, count = ARGV[at + 3], tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local ids = release(at + 6, count)
  if #ids < count then
    local bytes = weigh(records, ids, claimed) + #ids * #finish
    add('completedBytes', bytes - claimed - count * #finish)
    entry = string.format('%s:%d:%s', string.match(entry, '^%d+'), bytes, table.concat(ids, ','))
  end
  if #ids > 0 then
    local pairs_of = {'', PAD}
    for i = 1, #ids do pairs_of[2 * i + 1], pairs_of[2 * i + 2] = ids[i], finish end
    redis.call('HSET', finishes, unpack(pairs_of))
    redis.call('RPUSH', completed, entry)
  end
  kept = kept + #ids
  at = at + 6 + count
end
add('completed', kept)
local runs = tonumber(ARGV[at])
at = at + 1
for _ = 1, runs do
  local records, claimed, count = KEYS[tonumber(ARGV[at])], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local ids = release(at + 3, count)
  if #ids < count then weigh(records, ids, claimed) end
  if #ids > 0 then
    redis.call('HDEL', records, unpack(ids))
    vacate(records)
  end
  at = at + 3 + count
end
if #given > 0 then redis.call('RPUSH', KEYS[18], unpack(given)) end
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
    if kind == 'failed' or kind ~= 'cancelled' and string.find(ARGV[i + 12], '^a') then add('retriedTotal', -1) end
    return
  end
  redis.call('HDEL', active, id)
  if cancelling then redis.call('SREM', requests, id) end
  add('active', -1)
  add('bytes', -ARGV[i + 14])
  ended = ended + 1
  local record, key, kept = ARGV[i + 5], KEYS[tonumber(ARGV[i + 9])], tonumber(ARGV[i + 15])
  if key and (kind == 'waiting' or kind == 'head' or kind == 'delayed') then
    -- A keep-last job may lose its key to a newer one while it runs, and then it is not run again.
    local holder = redis.call('HGET', key, ARGV[i + 10])
    if not holder then
      redis.call('HSET', key, '', PAD, ARGV[i + 10], id)
    elseif holder ~= id then
      local size = record == '' and redis.call('HSTRLEN', records, id) or #record
      kind, kept = 'cancelled', size + #ARGV[i + 6]
      add('bytes', -size)
    end
  end
  local extras, noted = KEYS[tonumber(ARGV[i + 11])], ARGV[i + 13]
  if kind == 'delayed' then
    local came = ARGV[i + 12] == 'w' and redis.call('HEXISTS', extras, 'g' .. noted) == 1
    local t = redis.call('TIME')
    record = dated(record, t[1] * 1000 + math.floor(t[2] / 1000) + (came and 0 or ARGV[i + 8]))
    if ARGV[i + 12] == 'w' then noted = string.sub(record, 2, 10) .. noted end
    if came then kind = 'waiting' end
  end
  if record ~= '' then redis.call('HSET', records, '', PAD, id, record) end
  if kind == 'waiting' or kind == 'head' then
    local push = kind == 'head' and 'LPUSH' or 'RPUSH'
    local line, place = KEYS[7 + priority], id
    if tonumber(priority) > 3 then line, place = KEYS[20], (kind == 'head' and priority - 4 or priority) .. id end
    if redis.call(push, line, place) == 1 then wake = true end
    add('waiting', 1)
  elseif kind == 'delayed' then
    later[#later + 1] = entry_of(record, id)
    add('delayed', 1)
    tell('delayed ', {id})
  else
    if ARGV[i + 6] == '' then
      redis.call('HDEL', records, id)
      vacate(records)
    else
      redis.call('HSET', finishes, '', PAD, id, ARGV[i + 6])
      if kind == 'completed' and ARGV[i + 8] ~= '0' then
        redis.call('ZADD', retained, ARGV[i + 8], id)
      elseif kind == 'completed' then
        redis.call('RPUSH', completed, ARGV[i + 7])
      else
        redis.call('ZADD', index_of[kind], now, id)
      end
      add(kind, 1)
      add(kind .. 'Bytes', kept)
    end
    add(kind .. 'Total', 1)
    redis.call('HDEL', crashes, id)
    tell(kind .. ' ', {id})
    if key then
      if ARGV[i + 10] == '' then
        if kind == 'cancelled' and redis.call('GET', key) == id then redis.call('DEL', key) end
      elseif redis.call('HGET', key, ARGV[i + 10]) == id then
        redis.call('HDEL', key, ARGV[i + 10])
      end
    end
  end
  if ARGV[i + 17] ~= '' then redis.call('RPUSH', KEYS[18], ARGV[i + 17]) end
  if ARGV[i + 18] ~= '' and index_of[kind] then
    redis.call('RPUSH', KEYS[19], kind .. ' ' .. id .. ' ' .. ARGV[i + 18])
  end
  if ARGV[i + 16] ~= '' and kind ~= 'cancelled' then redis.call('HSET', crashes, id, ARGV[i + 16]) end
  if extras and ARGV[i + 12] ~= '' then
    redis.call('HSET', extras, ARGV[i + 12], noted)
  elseif extras then
    redis.call('DEL', extras)
  end
end

for i = at, #ARGV, 19 do special(i) end
if #later > 0 then schedule(delayed, later) end

if call ~= '' then redis.call('HSET', incarnation, 'finish', call) end
for field, by in pairs(sum) do
  if by ~= 0 then redis.call('HINCRBY', counters, field, string.format('%.0f', by)) end
end
if wake then redis.call('PUBLISH', ARGV[4], '') end
for i = 1, #told do redis.call('PUBLISH', ARGV[5], told[i]) end
local out = {'ok', ended, kept > 0 and tonumber(redis.call('HGET', counters, 'completed')) or 0}
for i = 1, #refused do out[i + 3] = refused[i] end
return out
