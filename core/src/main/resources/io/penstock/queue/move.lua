-- Does:    moves one job from a state that an operator saw to another, or out of the queue, if it is still as it was seen.
-- KEYS:    counters, active, delayed, lines of the four priorities, ghosts, completed, failed, cancelled, crashes,
--          cancel requests, watched, records, finishes, extras, unique key (or the records again), retained, blocked,
--          ends of flow jobs, inbox of the gate
-- ARGV:    id, from (waiting delayed blocked active completed failed cancelled), to (waiting delayed
--          blocked failed cancelled gone asked),
--          hash of the record as it was seen or "", digit of its line now, and then, new record or "", due ("+" or "@"
--          millis), finish record, now millis, wake channel, event channel, bytes kept of it (completed failed
--          cancelled), "run" if it is one of a run of completed jobs, unique mode ("" field throttle), field, place in
--          its flow or ""
-- Returns: "done" | "changed" (not as it was seen) | "held" (another job holds its unique key)
-- Cost:    O(log n)
-- first write: SREM, which a full Redis allows
local counters, active, delayed, ghosts = KEYS[1], KEYS[2], KEYS[3], KEYS[8]
local failed, cancelled, crashes, requests, watched = KEYS[10], KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local records, finishes, extras, unique = KEYS[15], KEYS[16], KEYS[17], KEYS[18]
local id, from, to, priority = ARGV[1], ARGV[2], ARGV[3], ARGV[5]

-- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
local PAD = '-----------------------------------------------------------------'

local record = redis.call('HGET', records, id)
if not record then return 'changed' end
if ARGV[4] ~= '' and redis.sha1hex(record) ~= ARGV[4] then return 'changed' end
local finish = redis.call('HGET', finishes, id)
local state = 'waiting'
if finish then
  state = ({c = 'completed', f = 'failed', k = 'cancelled'})[string.sub(finish, 1, 1)]
elseif redis.call('HEXISTS', active, id) == 1 then
  state = 'active'
elseif ARGV[17] ~= '' and redis.call('HEXISTS', KEYS[20], id) == 1 then
  state = 'blocked'
elseif scheduled(delayed, entry_of(record, id)) then
  state = 'delayed'
end
if state ~= from then return 'changed' end

redis.call('SREM', requests, id)
if to == 'asked' then
  redis.call('SADD', requests, id)
  redis.call('PUBLISH', ARGV[12], 'cancel ' .. id)
  return 'done'
end

-- A block whose jobs are gone holds only its pad, and goes with it.
local function vacate(block)
  if redis.call('HLEN', block) == 1 then redis.call('HDEL', block, '') end
end

local terminal = from == 'completed' or from == 'failed' or from == 'cancelled'
local rises = terminal and to ~= 'gone'
if rises and ARGV[15] == 'field' then
  local holder = redis.call('HGET', unique, ARGV[16])
  if holder and holder ~= id then return 'held' end
  redis.call('HSET', unique, '', PAD, ARGV[16], id)
end

-- Out of the old place. A new life waits for its signals as long as the first one did.
if rises then redis.call('HDEL', extras, 'd') end
if from == 'delayed' then
  unschedule(delayed, entry_of(record, id))
  -- By its due time alone a later delay of the same millisecond would look like this wait.
  if to ~= 'delayed' then redis.call('HDEL', extras, 'w') end
elseif from == 'blocked' then
  redis.call('HDEL', KEYS[20], id)
  vacate(KEYS[20])
elseif from == 'completed' then
  -- Its run keeps its bytes until the run is pruned, so the sum over the index stays what the counter says.
  redis.call('ZREM', KEYS[19], id)
elseif terminal then
  redis.call('ZREM', from == 'failed' and failed or cancelled, id)
end
if terminal then
  redis.call('HDEL', finishes, id)
  vacate(finishes)
  if ARGV[14] ~= 'run' then redis.call('HINCRBY', counters, from .. 'Bytes', -ARGV[13]) end
end
local stays = from == 'waiting' and to == 'waiting' and priority == ARGV[6]
if from == 'waiting' and not stays then redis.call('HINCRBY', ghosts, priority .. id, 1) end
if from == 'waiting' and loosen(record) then redis.call('PUBLISH', ARGV[11], string.sub(id, 1, -3)) end
redis.call('HINCRBY', counters, from, -1)

-- Into the new one.
local new = ARGV[7] ~= '' and ARGV[7] or record
if to == 'gone' then
  redis.call('HDEL', records, id)
  vacate(records)
  redis.call('HDEL', crashes, id)
  redis.call('DEL', extras)
elseif to == 'cancelled' or to == 'failed' then
  redis.call('HSET', finishes, '', PAD, id, ARGV[9])
  redis.call('ZADD', to == 'failed' and failed or cancelled, ARGV[10], id)
  redis.call('HINCRBY', counters, to .. 'Bytes', ARGV[13])
  -- One that comes as a dead letter failed elsewhere: it is no failure of this queue's, which alerts would tell.
  if to == 'cancelled' then
    redis.call('HINCRBY', counters, 'cancelledTotal', 1)
  else
    redis.call('HSET', records, id, dated(record, tonumber(ARGV[10])))
  end
  redis.call('HDEL', crashes, id)
else
  if to == 'delayed' then
    local due = tonumber(string.sub(ARGV[8], 2))
    if string.byte(ARGV[8]) == 43 then
      local t = redis.call('TIME')
      due = due + t[1] * 1000 + math.floor(t[2] / 1000)
    end
    new = dated(new, due)
    schedule(delayed, {entry_of(new, id)})
  end
  if new ~= record then redis.call('HSET', records, id, new) end
  if to == 'blocked' then redis.call('HSET', KEYS[20], '', PAD, id, ARGV[17]) end
  if to == 'waiting' and not stays then
    -- Its old place in that line may still be there: a job has one place, however often it is moved.
    if redis.call('HDEL', ghosts, ARGV[6] .. id) == 0 then line_up(4, KEYS[22], ARGV[6], id) end
    redis.call('PUBLISH', ARGV[11], string.sub(id, 1, -3))
  end
end
if to ~= 'gone' then redis.call('HINCRBY', counters, to, 1) end

local was, is = terminal and 0 or #record, (to == 'waiting' or to == 'delayed' or to == 'blocked') and #new or 0
if is ~= was then redis.call('HINCRBY', counters, 'bytes', is - was) end
if to == 'gone' or to == 'cancelled' then
  if ARGV[15] == 'field' and redis.call('HGET', unique, ARGV[16]) == id then
    redis.call('HDEL', unique, ARGV[16])
  elseif ARGV[15] == 'throttle' and redis.call('GET', unique) == id then
    redis.call('DEL', unique)
  end
end
if ARGV[17] ~= '' then
  -- Its flow hears of it: it has ended here, or lives again.
  if not terminal and (to == 'cancelled' or to == 'gone') then
    redis.call('RPUSH', KEYS[21], 'cancelled ' .. id .. ' ' .. ARGV[17])
  elseif rises and to ~= 'blocked' then
    redis.call('RPUSH', KEYS[21], 'waiting ' .. id .. ' ' .. ARGV[17] .. ' ' .. from)
  end
end
if redis.call('EXISTS', watched) == 1 then redis.call('PUBLISH', ARGV[12], to .. ' ' .. id) end
return 'done'
