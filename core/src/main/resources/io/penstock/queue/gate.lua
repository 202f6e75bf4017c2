-- Does:    keeps jobs of groups and of limited keys in lines of their own, for the scripts that this file is put in front of.
-- KEYS:    those of the script; the first has a name of one letter, before which all keys of the gate begin alike (decision 9)
-- ARGV:    those of the script
-- Returns: nothing; names functions
-- Cost:    each O(jobs) and two or three commands a group or key
-- A gated job waits in the inbox, then in the line of its group and priority, or parked in the line of its key. A group
-- whose lines are not empty is either in the ring, by the virtual time at which it is served next, or held: until a time
-- (rate) or until a permit comes back. So idle and held groups cost nothing, however many they are.
-- An entry of the inbox: digit serial [TAB group [TAB permits TAB key]]; digit = priority + 4, or priority: to the front.
-- An entry of a group's line: serial [TAB permits TAB key [TAB !]]; "!" = woken, because a permit of its key came back.
-- An entry of a key's line: digit serial TAB permits TAB group.
local queue = string.sub(KEYS[1], 1, -2)
local GIVEN, INBOX, RING, HELD, RULES = queue .. 'z', queue .. 'zi', queue .. 'zr', queue .. 'zh', queue .. 'zc'
local USED, MASKS, PERMITS, PARKED = queue .. 'za', queue .. 'zp', queue .. 'zu', queue .. 'zj'
local NORMAL = '2'
-- Bytes of records that one call reads to find the groups of jobs that say only their serial.
local MOST_READ = 1048576

local function line_of(priority, group) return queue .. 'zg' .. priority .. ':' .. group end

-- Drops a ghost, the place of a job that stands elsewhere by now, and answers whether it was one.
local gate_haunted
local function ghostly(place)
  if gate_haunted == nil then gate_haunted = redis.call('EXISTS', queue .. 'g') == 1 end
  local times = gate_haunted and redis.call('HGET', queue .. 'g', place)
  if not times then return false end
  if tonumber(times) > 1 then
    redis.call('HINCRBY', queue .. 'g', place, -1)
  else
    redis.call('HDEL', queue .. 'g', place)
  end
  return true
end

-- What a group may do; a field that is empty is that of all groups ("*"), and 0 is no limit.
-- Jobs without a group have none of these.
local rules = {[''] = {weight = 1}}
local function rule_of(own, general)
  local field = {string.match(own or '', '^(%d*),(%d*),(%d*),(%d*),(%d*),(%d*)$')}
  local all = {string.match(general or '', '^(%d*),(%d*),(%d*),(%d*),(%d*),(%d*)$')}
  for i = 1, 6 do
    local text = field[i] ~= '' and field[i] or all[i] or ''
    field[i] = text ~= '' and text ~= '0' and tonumber(text) or nil
  end
  return {weight = field[1] or 1, jobs = field[2], period = field[3] and field[4], step = field[3] and field[4] / field[3],
    bytes = field[5], paused = field[6]}
end

local function learn(groups)
  local unknown = {}
  for i = 1, #groups do
    if not rules[groups[i]] then unknown[#unknown + 1] = groups[i] end
  end
  if #unknown == 0 then return end
  local texts = redis.call('HMGET', RULES, '*', unpack(unknown))
  local general
  for i = 1, #unknown do
    if texts[i + 1] then
      rules[unknown[i]] = rule_of(texts[i + 1], texts[1])
    else
      general = general or rule_of(false, texts[1])
      rules[unknown[i]] = general
    end
  end
end

-- Lets groups into the ring, one turn behind the next to be served: whoever comes and goes gains nothing by it. Answers
-- whether the ring was empty.
local function enter(groups)
  if #groups == 0 then return false end
  learn(groups)
  local first = redis.call('ZRANGE', RING, 0, 0, 'WITHSCORES')
  local base, turns = tonumber(first[2] or 0), {}
  for i = 1, #groups do
    turns[2 * i - 1] = string.format('%.17g', base + 1 / rules[groups[i]].weight)
    turns[2 * i] = groups[i]
  end
  redis.call('ZADD', RING, 'NX', unpack(turns))
  return #first == 0
end

-- Notes which lines of a group besides that of normal priority are not empty, so that most groups need no look.
local function mask(group, priority, on)
  if priority == NORMAL then return end
  local was = redis.call('HGET', MASKS, group) or ''
  local is = string.gsub(was, priority, '') .. (on and priority or '')
  if is == '' then redis.call('HDEL', MASKS, group) else redis.call('HSET', MASKS, group, is) end
end

-- What the header of a record says of its gate: group, permits and key.
local function gate_of(record)
  local head = string.match(record, '^[^\n]*')
  local permits, key = string.match(head, '\tl(%d+),([^\t]*)')
  return string.match(head, '\tg([^\t]*)') or '', permits, key
end

-- Reads an entry of the inbox; of one that says only its serial, the record tells the rest. No group: no record.
local function read_entry(text)
  local digit, id, rest = string.match(text, '^(%d)(%w+)(.*)$')
  local group, permits, key = string.match(rest, '^\t([^\t]*)\t?(%d*)\t?(.*)$')
  local bytes = 0
  if not group then
    local record = redis.call('HGET', queue .. 'j:' .. string.sub(id, 1, -3), id)
    if record then
      bytes = #record
      group, permits, key = gate_of(record)
    end
  end
  return tonumber(digit), id, group, key and key ~= '' and '\t' .. permits .. '\t' .. key or '', bytes
end

-- Sorts entries into the lines of their groups. Answers whether the ring was empty before, how many entries had no record
-- any more, and how many were sorted.
local function file(entries)
  local lines, order, fresh, orphans, read, done = {}, {}, {}, 0, 0, 0
  while done < #entries and read < MOST_READ do
    done = done + 1
    local digit, id, group, rest, bytes = read_entry(entries[done])
    read = read + bytes
    if not ghostly((digit % 4 + 4) .. id) then
      if group then
        local name = (digit < 4 and '<' or '>') .. digit % 4 .. group
        if not lines[name] then
          lines[name] = {}
          order[#order + 1] = name
        end
        table.insert(lines[name], id .. rest)
      else
        orphans = orphans + 1
      end
    end
  end
  local waits = redis.call('EXISTS', HELD) == 1
  for i = 1, #order do
    local name, all = order[i], lines[order[i]]
    local priority, group = string.sub(name, 2, 2), string.sub(name, 3)
    local push = string.byte(name) == 60 and 'LPUSH' or 'RPUSH'
    if redis.call(push, line_of(priority, group), unpack(all)) == #all then
      mask(group, priority, true)
      if not waits or not redis.call('ZSCORE', HELD, group) then fresh[#fresh + 1] = group end
    end
  end
  return enter(fresh), orphans, done
end
