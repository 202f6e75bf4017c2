-- Does:    puts jobs of one block back in order after keys or fields were lost: each gets the one place that its record,
--          finish record, lease and due time give it; what points to a job that is gone is dropped. Changes nothing of
--          jobs that are in order, so it may run at any time.
-- KEYS:    active, delayed, lines of the four priorities, ghosts, failed, cancelled, retained, completed, crashes, cancel
--          requests, counters, records, finishes, blocked, then the extras of each job
-- ARGV:    now millis, longest sum of the lines that may be walked (0: leave lines alone), finish record of a job that
--          cannot be read, "1" if it is only to look, "1" if the whole gate was seen, then each job:
--          id, times it was seen in each line and at the gate, by digit (eight digits), "1" if seen in a run of
--          completed jobs, "1" if it had ended before those runs were read, finish record to give it if only an index
--          says that it ended or "", due time and priority (10 characters) of each entry of it that was seen in delayed
-- Returns: {dropped, restored, indexed, stale, quarantined, bytes of those not ended, of failed, of cancelled, of completed
--          ones that were in no run before, completed, delayed, waiting, then id and header of each job that has not ended and has a unique key}
-- Cost:    O(jobs), and once O(lines) if a job seems to be in the wrong place; reads whole records
-- first write: SREM of nothing, which a full Redis allows
local active, delayed, ghosts, failed, cancelled, retained = KEYS[1], KEYS[2], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local completed, crashes, requests, counters, records, finishes = KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16]
local limit = tonumber(ARGV[2])
-- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
local PAD = '-----------------------------------------------------------------'
local out = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
local DROPPED, RESTORED, INDEXED, STALE, BAD, LIVE, FAILED, CANCELLED, RETAINED, COMPLETED, DELAYED, WAITING = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
local function add(what, by) out[what] = out[what] + by end

-- Writes, or, if it is only to look, answers what the write would have answered.
local function change(name, key, ...)
  local a = {...}
  if ARGV[4] == '' then return redis.call(name, key, ...) end
  if name == 'HDEL' then return redis.call('HEXISTS', key, a[1]) end
  if name == 'HSETNX' then return 1 - redis.call('HEXISTS', key, a[1]) end
  if name == 'SREM' then return redis.call('SISMEMBER', key, a[1]) end
  if name == 'DEL' then return redis.call('EXISTS', key) end
  if name == 'ZREM' or name == 'ZADD' then return (redis.call('ZSCORE', key, a[#a]) ~= false) == (name == 'ZREM') and 1 or 0 end
  return 0
end

redis.call('SREM', requests, '')
local t = redis.call('TIME')
local clock = t[1] * 1000 + math.floor(t[2] / 1000)

-- Entries of all lines by priority and id; false if there are too many.
local entries
local function walk()
  if entries ~= nil then return entries end
  local long = 0
  for p = 0, 3 do long = long + redis.call('LLEN', KEYS[3 + p]) end
  entries = long <= limit and {} or false
  for p = 0, entries and 3 or -1 do
    local line = redis.call('LRANGE', KEYS[3 + p], 0, -1)
    for i = 1, #line do entries[p .. line[i]] = (entries[p .. line[i]] or 0) + 1 end
  end
  return entries
end

-- Entries of a job in the lines of the gate where it may stand, by digit; false if there are too many.
local walked, long = {}, 0
local function at_gate(place, record)
  local group, _, key = gate_of(record)
  local lines = {[INBOX] = ''}
  for p = 0, 3 do lines[line_of(p, group)] = tostring(p + 4) end
  if key then lines[queue .. 'zk:' .. key] = '' end
  local count = 0
  for line, digit in pairs(lines) do
    if not walked[line] then
      long = long + redis.call('LLEN', line)
      if long > limit then return false end
      walked[line] = {}
      for _, entry in ipairs(redis.call('LRANGE', line, 0, -1)) do
        local id = string.match(entry, '^%w+')
        if line == INBOX then id = string.byte(id) % 4 + 4 .. string.sub(id, 2) end
        walked[line][digit .. id] = (walked[line][digit .. id] or 0) + 1
      end
    end
    count = count + (walked[line][place] or 0)
  end
  return count
end

local function count_of(p, id, record, seen)
  if p < 4 then return walk() and (entries[p .. id] or 0) end
  if record then return at_gate(p .. id, record) end
  return ARGV[5] == '1' and seen
end

-- Makes every entry of a job in the lines a ghost, but for one in its own line if it waits; false if it has none there.
local function place(id, seen, own, record)
  if limit == 0 then return true end
  for p = 0, 7 do
    local count = tonumber(string.sub(seen, p + 1, p + 1))
    local ghost = tonumber(redis.call('HGET', ghosts, p .. id) or 0)
    if count - (p == own and 1 or 0) ~= ghost then
      count = count_of(p, id, record, count)
      if not count then return true end
      if p == own and count == 0 then
        if ghost > 0 then change('HDEL', ghosts, p .. id) end
        return false
      end
      local want = count - (p == own and 1 or 0)
      if want ~= ghost then
        add(STALE, 1)
        if want > 0 then change('HSET', ghosts, p .. id, want) else change('HDEL', ghosts, p .. id) end
      end
    end
  end
  return true
end

-- Takes out what was seen of a job in delayed, but for one; answers whether there was any.
local function not_delayed(id, dues, but)
  local met = {}
  for due in string.gmatch(dues, '..........') do
    if due ~= but and not met[due] and scheduled(delayed, due .. id) then
      if ARGV[4] == '' then unschedule(delayed, due .. id) end
      add(STALE, 1)
      met.any = true
    end
    met[due] = true
  end
  return met.any
end

-- A blocked job stands in no line: it waits for its flow.
local function unblock(id)
  local was = change('HDEL', KEYS[17], id)
  if was == 1 and redis.call('HLEN', KEYS[17]) == 1 then change('HDEL', KEYS[17], '') end
  return was
end

local function ended(id, seen, finish, in_run, before, record, dues)
  add(STALE, change('HDEL', active, id) + change('HDEL', crashes, id) + change('SREM', requests, id) + unblock(id))
  not_delayed(id, dues .. entry_of(record, ''))
  place(id, seen, nil, record)
  local letter = string.sub(finish, 1, 1)
  local index = letter == 'f' and failed or letter == 'k' and cancelled or false
  local size = #record + #finish
  if index ~= failed then add(STALE, change('ZREM', failed, id)) end
  if index ~= cancelled then add(STALE, change('ZREM', cancelled, id)) end
  if index then
    add(STALE, change('ZREM', retained, id))
    add(INDEXED, change('ZADD', index, 'NX', tonumber(string.sub(finish, 2, 10), 32) or ARGV[1], id))
    add(letter == 'f' and FAILED or CANCELLED, size)
    return
  end
  add(COMPLETED, 1)
  if redis.call('ZSCORE', retained, id) then
    add(RETAINED, size)
  elseif before and not in_run then
    local keep = string.match(finish, '\tx([0-9a-v]+)')
    add(INDEXED, 1)
    add(RETAINED, size)
    if keep then
      change('ZADD', retained, string.format('%.0f', tonumber(keep, 32)), id)
    else
      local second = math.floor((tonumber(string.sub(finish, 2, 10), 32) or ARGV[1]) / 1000)
      change('RPUSH', completed, string.format('%d:%d:%s', second, size, id))
    end
  end
end

local gated -- A queue must know of its gate before a job comes there, be it from delayed or from a second life.
local function heal(i, id, seen, in_run, before, rebuilt, dues)
  local record, finish = redis.call('HGET', records, id), redis.call('HGET', finishes, id)
  if not record then
    add(DROPPED, change('HDEL', active, id) + change('HDEL', finishes, id) + change('ZREM', failed, id) +
      change('ZREM', cancelled, id) + change('ZREM', retained, id))
    add(STALE, change('HDEL', crashes, id) + change('SREM', requests, id) + change('DEL', KEYS[17 + i]) + unblock(id))
    not_delayed(id, dues)
    place(id, seen)
    return
  end
  if not gated and string.find(record, '^[4-7]') then gated = add(STALE, change('HSETNX', queue .. 'm', 'gated', '1')) or true end
  local owner = redis.call('HGET', active, id)
  local says = string.sub(rebuilt, 1, 1)
  if not finish and not owner and (says == 'c' and (in_run or redis.call('ZSCORE', retained, id)) or
    says == 'f' and redis.call('ZSCORE', failed, id) or says == 'k' and redis.call('ZSCORE', cancelled, id)) then
    change('HSET', finishes, '', PAD, id, rebuilt)
    finish = rebuilt
    add(INDEXED, 1)
  end
  if not finish and not owner and not string.find(record, '^[0-7][0-9a-v][0-9a-v][0-9a-v][0-9a-v][0-9a-v][0-9a-v][0-9a-v][0-9a-v][0-9a-v][^\n]*\n') then
    finish = ARGV[3]
    change('HSET', finishes, '', PAD, id, finish)
    change('HINCRBY', counters, 'bytes', 0 - #record)
    change('HINCRBY', counters, 'failedBytes', #record + #finish)
    add(BAD, 1)
  end
  if finish then return ended(id, seen, finish, in_run, before, record, dues) end
  add(LIVE, #record)
  local head = string.match(record, '^[^\n]*')
  if string.find(head, '\tu', 1, true) then out[#out + 1], out[#out + 2] = id, head end
  local own_due = entry_of(record, '')
  if owner or redis.call('HEXISTS', KEYS[17], id) == 1 then
    if owner then add(STALE, unblock(id)) end
    not_delayed(id, dues .. own_due)
    place(id, seen, nil, record)
    return
  end
  add(STALE, change('SREM', requests, id))
  if redis.call('EXISTS', KEYS[17 + i]) == 1 and not string.find(head, '\ts', 1, true) then
    -- Its run lost the lease before it could say that there is something to be found.
    change('HSET', records, id, head .. '\ts' .. string.sub(record, #head + 1))
    change('HINCRBY', counters, 'bytes', 2)
  end
  local own, due = tonumber(string.sub(record, 1, 1)), scheduled(delayed, own_due .. id)
  if not_delayed(id, dues, own_due) and not due then
    if ARGV[4] == '' then schedule(delayed, {own_due .. id}) end
    due = true
  end
  add(due and DELAYED or WAITING, 1)
  if place(id, seen, not due and own or nil, record) then return end
  local ready = tonumber(string.sub(record, 2, 10), 32)
  add(RESTORED, 1)
  if ready > clock then
    if ARGV[4] == '' then schedule(delayed, {own_due .. id}) end
    add(DELAYED, 1)
    add(WAITING, -1)
  elseif own > 3 then
    change('RPUSH', INBOX, own .. id)
  else
    change('RPUSH', KEYS[3 + own], id)
  end
end

for i = 1, (#ARGV - 5) / 6 do
  local at = 6 + 6 * (i - 1)
  heal(i, ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1', ARGV[at + 3] == '1', ARGV[at + 4], ARGV[at + 5])
end
for _, hash in ipairs({records, finishes, active}) do
  local size = redis.call('HLEN', hash)
  if size > 0 and redis.call('HEXISTS', hash, '') == 0 then
    change('HSET', hash, '', PAD)
  elseif size == 1 and hash ~= active then
    change('HDEL', hash, '')
  end
end
return out
