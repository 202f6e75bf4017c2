-- Does:    adds jobs of one block to their lines, all or none, and wakes workers when a line was empty. Those of groups and
--          limited keys need gate.lua in front.
--          Sending it again changes nothing: ids of a block only grow, and the last one added is remembered.
-- KEYS:    settings, counters, marks, lines of the four priorities, delayed, active, records of the block, unique keys...
-- ARGV:    block, the producer's previous block or "", last id, jobs, bytes, wake channel, nonce of the producer (8
--          characters), number of plain jobs of each priority and of gated ones, then id and record of each of them, and the
--          entries of the gated ones (see gate.lua); then for each special job: id, record, digit of its line, due
--          ("" | "+millis" | "@epochMillis"), unique mode ("" | drop | last | throttle), or blocked (key: hash of blocked
--          jobs) or batch (key: ends of flow jobs), index of its key in KEYS, field in that key, millis of the window, or
--          place in its flow. One that is for a named request has such a line in front, of mode once (key: the request's job)
--          with its id, and millis that the request is known.
-- Returns: {"ok", answer of each special job: "" or the id that holds its key, behind a sign of equality
--          if it is the job of its request} | {"draining"} | {"taken"}: the block
--          is not the producer's (any more), see reserve.lua; nothing was added |
--          {"full", jobs that still fit} | {"bytes", bytes that still fit}
-- Cost:    O(jobs); one HSET and one RPUSH for all plain jobs of a priority.
local settings, counters, marks, delayed, active, records = KEYS[1], KEYS[2], KEYS[3], KEYS[8], KEYS[9], KEYS[10]
local block, last = ARGV[1], ARGV[3]
-- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
local PAD = '-----------------------------------------------------------------'

-- What an add that is sent again answers must be what it answered first, and by then the holder of a key may have ended. So
-- who held keys is kept for longer than any call is sent again.
local ANSWERED = 60000
local answered, known = string.sub(settings, 1, -2) .. 'D:' .. last, {}

local function millis()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local mark = redis.call('HGET', marks, block)
if not mark or string.sub(mark, 1, 8) ~= ARGV[7] then return {'taken'} end
if #mark == 8 and redis.call('EXISTS', records) == 1 then return {'taken'} end
local again = string.sub(mark, 9) >= last
if again then
  for id, holder in string.gmatch(redis.call('GET', answered) or '', '(%w+)=(=?%w+)') do known[id] = holder end
else
  local rule = redis.call('HMGET', settings, 'draining', 'maxJobs', 'maxBytes')
  if rule[1] then return {'draining'} end
  if rule[2] or rule[3] then
    local n = redis.call('HMGET', counters, 'waiting', 'delayed', 'active', 'bytes', 'blocked')
    local jobs = (n[1] or 0) + (n[2] or 0) + (n[3] or 0) + (n[5] or 0)
    if rule[2] and jobs + ARGV[4] > tonumber(rule[2]) then return {'full', math.max(0, rule[2] - jobs)} end
    if rule[3] and (n[4] or 0) + ARGV[5] > tonumber(rule[3]) then
      return {'bytes', math.max(0, rule[3] - (n[4] or 0))}
    end
  end
  redis.call('HSET', marks, block, ARGV[7] .. last)
  if ARGV[2] ~= '' then redis.call('HDEL', marks, ARGV[2]) end
end

local waiting, bytes, wake = 0, tonumber(ARGV[5]), false
local at, gated = 13, false
for p = 0, 4 do
  local count = tonumber(ARGV[8 + p])
  if count > 0 then
    if not again then
      redis.call('HSET', records, '', PAD, unpack(ARGV, at, at + 2 * count - 1))
      if p == 4 then
        wake, gated = file({unpack(ARGV, at + 2 * count, at + 3 * count - 1)}) or wake, true
      else
        local ids = {}
        for i = 1, count do ids[i] = ARGV[at + 2 * i - 2] end
        wake = redis.call('RPUSH', KEYS[4 + p], unpack(ids)) == count or wake
      end
      waiting = waiting + count
    end
    at = at + (p == 4 and 3 or 2) * count
  end
end

local answer, entries, now, blocked, batches, news, holders, request, keep = {'ok'}, {}, nil, 0, {}, nil, {}, nil, nil
for i = at, #ARGV, 7 do
  local id, record, priority, due, mode = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local key, held = mode ~= '' and KEYS[tonumber(ARGV[i + 5])], false
  local mark = ''
  if mode == 'once' then
    request, keep = key, ARGV[i + 6]
  elseif again then
    held = known[id]
  elseif request and redis.call('EXISTS', request) == 1 then
    -- The request was here before: its job, whoever has the unique key by now.
    held, mark = redis.call('GET', request), '='
  elseif mode == 'throttle' then
    held = redis.call('GET', key)
    if not held then redis.call('SET', key, id, 'PX', ARGV[i + 6]) end
  elseif mode == 'blocked' then
    redis.call('HSET', key, '', PAD, id, ARGV[i + 6])
  elseif mode == 'batch' then
    batches[ARGV[i + 6]], news = (batches[ARGV[i + 6]] or 0) + 1, key
  elseif key then
    held = redis.call('HGET', key, ARGV[i + 6])
    if held and held ~= id and mode == 'last' and redis.call('HEXISTS', active, held) == 1 then held = false end
    if not held then redis.call('HSET', key, '', PAD, ARGV[i + 6], id) end
  end
  if request and mode ~= 'once' then
    if not again then redis.call('SET', request, held or id, 'PX', keep, 'NX') end
    request = nil
  end
  if mode == 'once' then
    -- A word about the job that follows, and no job itself.
  elseif held and held ~= id then
    answer[#answer + 1] = mark .. held
    holders[#holders + 1] = id .. '=' .. mark .. held
    bytes = bytes - #record
  else
    answer[#answer + 1] = ''
    if not again then
      if due ~= '' then
        -- Never before now, by the clock of Redis; the record says the same, so that the entry is found by it.
        now = now or millis()
        local at_millis = tonumber(string.sub(due, 2))
        if string.byte(due) == 43 then at_millis = now + at_millis end
        record = dated(record, math.max(now, at_millis))
        entries[#entries + 1] = entry_of(record, id)
      end
      redis.call('HSET', records, '', PAD, id, record)
      gated = gated or tonumber(priority) > 3
      if mode == 'blocked' then
        blocked = blocked + 1
      elseif due == '' then
        if tonumber(priority) > 3 then
          wake = file({priority .. id}) or wake
        else
          wake = redis.call('RPUSH', KEYS[4 + priority], id) == 1 or wake
        end
        waiting = waiting + 1
      end
    end
  end
end

if #holders > 0 and not again then redis.call('SET', answered, table.concat(holders, ','), 'PX', ANSWERED) end
local late = #entries
if late > 0 then schedule(delayed, entries) end
if gated then redis.call('HSET', settings, 'gated', '1') end
if not again then
  if waiting > 0 then redis.call('HINCRBY', counters, 'waiting', waiting) end
  if late > 0 then redis.call('HINCRBY', counters, 'delayed', late) end
  if blocked > 0 then redis.call('HINCRBY', counters, 'blocked', blocked) end
  if waiting + late + blocked > 0 then
    redis.call('HINCRBY', counters, 'bytes', bytes)
    redis.call('HINCRBY', counters, 'addedTotal', waiting + late + blocked)
  end
  -- Adds and ends of a batch's jobs are told in one stream, so its sums are right at any place in it.
  for place, jobs in pairs(batches) do redis.call('RPUSH', news, 'added ' .. jobs .. ' ' .. place) end
  if wake then redis.call('PUBLISH', ARGV[6], block) end
end
return answer
