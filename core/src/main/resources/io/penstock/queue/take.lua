-- Does:    leases waiting jobs to a worker: the most urgent line first, a line whose head has aged before it, at most so
--          many jobs and bytes. Sending it again with the same number gives the same jobs.
-- KEYS:    settings, counters, leases, incarnation, active, ghosts, crashes, lines of the four priorities, record blocks...
-- ARGV:    lease token, incarnation number, call number, most jobs, most bytes, millis that a priority is worth, "1" with
--          draw.lua in front or "", then the names of the record blocks, as in KEYS.
-- Returns: {"lost"} | {"paused"} | {"gated"}: send it with draw.lua | {"ok", more (1: a next call may get more; 2 and above:
--          in so many millis; -1: when a job has ended; with jobs: the queue has a limit), missing block names..., "", id, record...} and,
--          if any of these jobs was in hand at a crash, "" and the crashes of each ("" for none); a missing block is one
--          that the next call should declare.
-- Cost:    O(jobs); ids, records and leases are read and written in one command for each run of a block.
-- first write: SREM or LTRIM, which a full Redis allows
local settings, counters, leases, incarnation, active, ghosts, crashes =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local number, call, most, budget, aging = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
local PAD = '-----------------------------------------------------------------'

if not redis.call('ZSCORE', leases, ARGV[1]) then return {'lost'} end
local key_of = {}
for i = 8, #ARGV do key_of[ARGV[i]] = KEYS[4 + i] end

local taken, records, missing, missed, more = {}, {}, {}, {}, 0

local function miss(block)
  if not missed[block] and #missing < 16 then
    missed[block] = true
    missing[#missing + 1] = block
  end
end

local function answer()
  local out = {'ok', more}
  for i = 1, #missing do out[#out + 1] = missing[i] end
  local n = #out + 1
  out[n] = ''
  for i = 1, #taken do out[n + 2 * i - 1], out[n + 2 * i] = taken[i], records[i] end
  if #taken > 0 and redis.call('EXISTS', crashes) == 1 then
    n = n + 2 * #taken + 1
    out[n] = ''
    local died = redis.call('HMGET', crashes, unpack(taken))
    for i = 1, #taken do out[n + i] = died[i] or '' end
  end
  return out
end

local done = redis.call('HMGET', incarnation, 'call', 'ids')
if done[1] == call then
  for id in string.gmatch(done[2], '%w+') do
    local block = string.sub(id, 1, -3)
    if not key_of[block] then return {'ok', 1, block, ''} end
    local record = redis.call('HGET', key_of[block], id)
    if record and redis.call('HGET', active, id) == number then
      taken[#taken + 1], records[#taken + 1] = id, record
    end
  end
  return answer()
end
local rule = redis.call('HMGET', settings, 'paused', 'gated', 'maxActive', 'rateJobs', 'rateMillis')
if rule[1] then return {'paused'} end
local gated = ARGV[7] ~= ''
if rule[2] and not gated then return {'gated'} end
if gated or rule[3] then redis.call('SREM', WAITERS, ARGV[1]) end

-- The limits of the whole queue: jobs in hand anywhere, and a bucket of `rateJobs` that is filled in `rateMillis`.
local asked, free_at, step = most, nil, nil
local places = rule[3] and rule[3] - (redis.call('HGET', counters, 'active') or 0)
if places then most, more = math.min(most, places), -1 end
if rule[4] then
  local t = redis.call('TIME')
  local now = t[1] * 1000000 + t[2]
  step = rule[5] * 1000 / rule[4]
  free_at = math.max(now, tonumber(redis.call('HGET', counters, 'rateAt') or 0))
  local free = math.floor((now - free_at) / step + rule[4] + 0.000001)
  if free < most then
    most, more = free, math.max(2, math.ceil((free_at - now + step - rule[5] * 1000) / 1000))
  end
end
if most <= 0 then
  if gated or more == -1 then wait_for_room(ARGV[1]) end
  return answer()
end
more = 0

-- The order of the lines: by priority, but each level of it is worth no more than `aging` of waiting.
local order, due, lines = {}, {}, 0
for p = 0, 3 do
  local head = redis.call('LINDEX', KEYS[8 + p], 0)
  if head then
    lines = lines + 1
    order[lines] = p
    due[p] = head
  end
end
if lines > 1 then
  for i = 1, lines do
    local p = order[i]
    local block = string.sub(due[p], 1, -3)
    local record = key_of[block] and redis.call('HGET', key_of[block], due[p])
    if not key_of[block] then miss(block) end
    due[p] = (record and tonumber(string.sub(record, 2, 10), 32) or math.huge) + p * aging
  end
  table.sort(order, function(x, y) return due[x] < due[y] or due[x] == due[y] and x < y end)
end

local left, gone, orphans, again = budget, {}, 0, 0
-- Where both wait, those of the gate get every other place.
local share = lines > 0 and math.floor((most + call % 2) / 2) or most
if gated then left, orphans, again = draw(share, left, tonumber(call), taken, records) end
local haunted = redis.call('EXISTS', ghosts) == 1

-- A ghost is the place of a job that an operator moved elsewhere; each is met once. They take no room: a line of them
-- would hold up the jobs behind it by a call for each few. So as many more entries are read as ghosts were met.
local PASSED_BY = 400
local function jobs_of(line, p, room)
  local jobs, at, met, own, seen, size = {}, {}, {}, {}, 0, room
  if not haunted then
    jobs = redis.call('LRANGE', line, 0, room - 1)
    if #jobs == room then more = 1 end
    return jobs
  end
  while size > 0 and #jobs < room do
    local ids, places = redis.call('LRANGE', line, seen, seen + size - 1), {}
    if #ids == 0 then break end
    for i = 1, #ids do places[i] = p .. ids[i] end
    local times, read = redis.call('HMGET', ghosts, unpack(places)), #ids
    for i = 1, #ids do
      local place = places[i]
      if tonumber(times[i] or 0) > (own[place] or 0) then
        own[place] = (own[place] or 0) + 1
        met[#met + 1] = {seen + i, place}
      elseif #jobs == room then
        read = i - 1
        break
      else
        jobs[#jobs + 1], at[#at + 1] = ids[i], seen + i
      end
    end
    seen = seen + read
    if #ids == size then more = 1 else size = 0 end
    if size > 0 then size = math.min(room - #jobs + #met, room + PASSED_BY - seen) end
  end
  return jobs, function(popped)
    -- What stands before the first job that stays is passed, the ghosts among it for good.
    local last = popped < #jobs and at[popped + 1] - 1 or seen
    for i = 1, #met do
      if met[i][1] > last then break end
      gone[met[i][2]], more = (gone[met[i][2]] or 0) + 1, 1
    end
    return last
  end
end

-- Takes from the head of one line; answers true when jobs or budget are used up.
local function take(p, room)
  local line = KEYS[8 + p]
  local ids, passed = jobs_of(line, p, room)
  if #ids == room then more = 1 end
  local popped, at, chunk, full = 0, 1, 8, false
  while at <= #ids and not full do
    local block = string.sub(ids[at], 1, -3)
    local key = key_of[block]
    if not key then
      miss(block)
      break
    end
    -- Neighbours nearly always share a block, so the chunk is read as if they did; where one is missing we look closer.
    local stop = math.min(#ids, at + chunk - 1)
    local bodies = redis.call('HMGET', key, unpack(ids, at, stop))
    local read = 0
    for i = at, stop do
      local id, body = ids[i], bodies[i - at + 1]
      if body then
        if #body > left and #taken > 0 then
          full = true
          break
        end
        read = read + #body
        left = left - #body
        taken[#taken + 1], records[#taken + 1] = id, body
      elseif string.sub(id, 1, -3) ~= block then
        break
      else
        orphans = orphans + 1
      end
      popped = i
    end
    -- No chunk may read much more than the budget allows: the next one is sized by what this one weighed.
    chunk = math.max(1, math.min(250, math.floor(left * (popped - at + 1) / math.max(1, read))))
    full = full or left <= 0
    at = popped + 1
  end
  if passed then popped = passed(popped) end
  if popped > 0 then redis.call('LTRIM', line, popped, -1) end
  return full
end

for i = 1, lines do
  local room = most - #taken
  if room <= 0 then break end
  -- An aged line that goes before a more urgent one gets a quarter of the batch, not all of it.
  for j = i + 1, lines do
    if order[j] < order[i] then
      room = math.ceil(room / 4)
      break
    end
  end
  if take(order[i], room) then break end
end

if gated and again == 1 and share < most and #taken < most and left > 0 then
  local lost
  left, lost, again = draw(most - #taken, left, tonumber(call), taken, records)
  orphans = orphans + lost
end
if more == 0 then more = again end
if gated and #taken == 0 and more ~= 1 and again ~= 0 then wait_for_room(ARGV[1]) end
if again == 1 and (#taken >= most or left <= 0) then
  pass_on(leases)
elseif places and #taken >= asked and places > #taken then
  pass_on(leases) -- the place that it was told of is used; there are more
end
-- Whoever holds places must know that others may wait for them.
if places and #taken > 0 then more = -1 end

for ghost, times in pairs(gone) do
  if redis.call('HINCRBY', ghosts, ghost, -times) <= 0 then redis.call('HDEL', ghosts, ghost) end
end
if #taken > 0 then
  local owners = {'', PAD}
  for i = 1, #taken do owners[2 * i + 1], owners[2 * i + 2] = taken[i], number end
  redis.call('HSET', active, unpack(owners))
  redis.call('HSET', incarnation, 'call', call, 'ids', table.concat(taken, ','))
  redis.call('HINCRBY', counters, 'active', #taken)
  if step then redis.call('HSET', counters, 'rateAt', string.format('%.0f', free_at + #taken * step)) end
end
if #taken + orphans > 0 then redis.call('HINCRBY', counters, 'waiting', -#taken - orphans) end
return answer()
