-- Does:    draws jobs of groups and of limited keys in fair turns, those that have room, for take.lua behind it.
-- KEYS:    those of take.lua, see gate.lua
-- ARGV:    those of take.lua
-- Returns: nothing; names functions
-- Cost:    O(jobs + groups and keys that get room); about three commands a group that is served
-- first write: SREM, which a full Redis allows
-- Each group is served in the order of its virtual time, which a job moves on by 1 / weight: self-clocked fair queueing.
-- A job whose group or key has no room is not looked at again before a permit comes back or its time has come.
local RATES = queue .. 'zv'
-- Groups read in one go, entries looked at in one call beyond those taken, and bytes of what a call reads in vain.
local TURNS, LOOKS = 100, 200
-- What a ghost costs of the looks, and entries read of a line in one go: many ghosts may stand before the first job.
local GHOST_LOOK, MOST_PAGE = 0.25, 256
-- Parked jobs that are passed over for one that says a higher limit of the same key.
local PASSED = 20

local instant
local function millis_now()
  if not instant then
    local t = redis.call('TIME')
    instant = t[1] * 1000 + t[2] / 1000
  end
  return instant
end

-- Jobs and bytes in flight of groups, permits of keys that are held: read once, written once.
local used, charged, spent, changed = {}, {}, {}, {}
local function use(groups)
  local unknown = {}
  for i = 1, #groups do
    if not used[groups[i]] then unknown[#unknown + 1] = groups[i] end
  end
  if #unknown == 0 then return end
  local texts = redis.call('HMGET', USED, unpack(unknown))
  for i = 1, #unknown do
    local jobs, bytes = string.match(texts[i] or '', '^(%d+) (%d+)$')
    used[unknown[i]] = {jobs = tonumber(jobs or 0), bytes = tonumber(bytes or 0)}
  end
end

local function charge(group, jobs, bytes)
  local u = used[group]
  u.jobs, u.bytes, charged[group] = math.max(0, u.jobs + jobs), math.max(0, u.bytes + bytes), true
end

local function permits_of(key)
  if not spent[key] then spent[key] = tonumber(redis.call('HGET', PERMITS, key) or 0) end
  return spent[key]
end

local function spend(key, by)
  spent[key], changed[key] = math.max(0, permits_of(key) + by), true
end

local function settle()
  local set, gone = {}, {}
  for group in pairs(charged) do
    local u = used[group]
    if u.jobs > 0 then
      set[#set + 1], set[#set + 2] = group, string.format('%d %.0f', u.jobs, u.bytes)
    else
      gone[#gone + 1] = group
    end
  end
  if #gone > 0 then redis.call('HDEL', USED, unpack(gone)) end
  if #set > 0 then redis.call('HSET', USED, unpack(set)) end
  for key in pairs(changed) do
    if spent[key] > 0 then redis.call('HSET', PERMITS, key, spent[key]) else redis.call('HDEL', PERMITS, key) end
  end
  charged, changed = {}, {}
end

-- Wakes the first job that is parked for want of this key and may have it now: it goes to the front of its group. If that
-- group is held it can not run now, so the next one is woken too: no free permit may be left with somebody who can not use
-- it. Jobs of one key may say different limits, so one that needs more permits free is passed over, and keeps its place.
local function wake(key)
  local line, passed, more = queue .. 'zk:' .. key, {}, true
  for _ = 1, LOOKS do
    local entry = redis.call('LPOP', line)
    if not entry then
      more = false
      break
    end
    local digit, id, permits, group = string.match(entry, '^(%d)(%w+)\t(%d+)\t(.*)$')
    if permits_of(key) >= tonumber(permits) then
      table.insert(passed, 1, entry)
      if #passed == PASSED then
        more = false
        break
      end
    elseif not ghostly(digit .. id) then
      local priority = tostring(digit - 4)
      if redis.call('LPUSH', line_of(priority, group), id .. '\t' .. permits .. '\t' .. key .. '\t!') == 1 then
        mask(group, priority, true)
      end
      if not redis.call('ZSCORE', HELD, group) then
        enter({group})
        more = false
        break
      end
    end
  end
  if #passed > 0 then redis.call('LPUSH', line, unpack(passed)) end
  if redis.call('EXISTS', line) == 0 then
    redis.call('ZREM', PARKED, key)
  elseif more then
    redis.call('RPUSH', GIVEN, '\t\t' .. key) -- the next call goes on
  end
end

-- Takes what ended jobs gave back: their groups may be served again, and one job of each key is woken.
local function give_back()
  local texts = redis.call('LRANGE', GIVEN, 0, 999)
  if #texts == 0 then return end
  redis.call('LTRIM', GIVEN, #texts, -1)
  local groups, keys, known, free = {}, {}, {}, {}
  for i = 1, #texts do
    local group, bytes, key = string.match(texts[i], '^([^\t]*)\t(%d*)\t(.*)$')
    if bytes ~= '' and not known[group] then
      known[group] = {jobs = 0, bytes = 0}
      groups[#groups + 1] = group
    end
    if bytes ~= '' then
      known[group].jobs, known[group].bytes = known[group].jobs + 1, known[group].bytes + bytes
    end
    if key ~= '' then keys[#keys + 1] = {key, bytes ~= '' and -1 or 0} end
  end
  use(groups)
  local waits = redis.call('EXISTS', HELD) == 1
  for i = 1, #groups do
    local group = groups[i]
    charge(group, -known[group].jobs, -known[group].bytes)
    if waits and redis.call('ZSCORE', HELD, group) == 'inf' then
      redis.call('ZREM', HELD, group)
      free[#free + 1] = group
    end
  end
  enter(free)
  local parked = redis.call('EXISTS', PARKED) == 1
  for i = 1, #keys do
    spend(keys[i][1], keys[i][2])
    if parked then wake(keys[i][1]) end
  end
end

-- The next entry of a group's lines, or nil; what was passed is cut off when the group is put back.
local NONE = {}
local function entry_of_group(g)
  while true do
    if g.pos <= #g.list then return g.list[g.pos] end
    local priority = g.order[g.step]
    if not priority then return nil end
    if g.short then
      g.trims[#g.trims + 1] = {priority, g.base + #g.list, true}
      g.step, g.list, g.pos, g.base, g.short = g.step + 1, NONE, 1, 0, false
    else
      g.base, g.pos = g.base + #g.list, 1
      g.list = redis.call('LRANGE', line_of(priority, g.name), g.base, g.base + g.page)
      g.short, g.page = #g.list <= g.page, math.min(2 * g.page, MOST_PAGE)
    end
  end
end

-- The order of a group's lines: by priority; in one of eight calls the other way round, so that none starves.
local function order_of(others, turn)
  local order = {NORMAL}
  for priority in string.gmatch(others or '', '%d') do order[#order + 1] = priority end
  table.sort(order, function(x, y) return (x < y) == (turn % 8 ~= 0) and x ~= y end)
  return order
end

-- Puts back what was passed of the groups that had a turn, and wakes whom a held group can not make use of.
local function put_back(groups, woken)
  local turns, out, parked = {}, {}, nil
  for i = 1, #groups do
    local g = groups[i]
    if #g.list > 0 then g.trims[#g.trims + 1] = {g.order[g.step], g.base + g.pos - 1, g.short and g.pos > #g.list} end
    for t = 1, #g.trims do
      local priority, passed, all = unpack(g.trims[t])
      if passed > 0 then redis.call('LTRIM', line_of(priority, g.name), passed, -1) end
      if all then mask(g.name, priority, false) end
    end
    if g.held then
      redis.call('ZADD', HELD, g.held, g.name)
      if parked == nil then parked = redis.call('EXISTS', PARKED) == 1 end
      for p = 1, parked and #g.order or 0 do
        local front = redis.call('LRANGE', line_of(g.order[p], g.name), 0, LOOKS - 1)
        for e = 1, #front do
          local permits, key = string.match(front[e], '\t(%d+)\t([^\t]*)\t!$')
          if key and permits_of(key) < tonumber(permits) then woken[#woken + 1] = key end
        end
      end
    end
    if g.held or g.empty then
      out[#out + 1] = g.name
    elseif g.turn ~= g.was then
      turns[#turns + 1], turns[#turns + 2] = string.format('%.17g', g.turn), g.name
    end
    if g.paid then
      redis.call('ZADD', RATES, string.format('%.3f', g.paid), g.name)
      redis.call('ZREMRANGEBYSCORE', RATES, '-inf', string.format('%.3f', millis_now()))
    end
  end
  if #out > 0 then redis.call('ZREM', RING, unpack(out)) end
  if #turns > 0 then redis.call('ZADD', RING, unpack(turns)) end
  for i = 1, #woken do wake(woken[i]) end
end

-- Draws at most so many jobs and bytes into two lists. Answers the bytes left, how many entries had no record any more, and
-- when to draw again: 1 now, more: in so many millis, -1 when a permit has come back, 0 when there is something new.
local function draw(most, left, turn, taken, records)
  if redis.call('EXISTS', GIVEN, INBOX, RING, HELD) == 0 then
    return left, 0, redis.call('EXISTS', PARKED) == 1 and -1 or 0
  end
  local room, looks, orphans, full, weighed, reads = most, most + LOOKS, 0, false, 0, 0
  local woken
  give_back()
  local inbox = redis.call('LRANGE', INBOX, 0, 499)
  if #inbox > 0 then
    local _, lost, done = file(inbox)
    orphans = lost
    redis.call('LTRIM', INBOX, done, -1)
  end
  if redis.call('EXISTS', HELD) == 1 then
    local due = redis.call('ZRANGEBYSCORE', HELD, '-inf', string.format('%.3f', millis_now()), 'LIMIT', 0, LOOKS)
    if #due > 0 then
      redis.call('ZREM', HELD, unpack(due))
      enter(due)
    end
  end

  local function body_of(g, id)
    if g.bodies[id] == nil then
      local block, ids = string.sub(id, 1, -3), {id}
      local ahead = reads == 0 and 8 or math.max(1, math.min(100, math.floor(left * reads / math.max(1, weighed))))
      for i = g.pos + 1, math.min(#g.list, g.pos + ahead - 1, g.size) do
        if string.find(g.list[i], '\t', 1, true) or string.sub(g.list[i], 1, -3) ~= block then break end
        ids[#ids + 1] = g.list[i]
      end
      local bodies = redis.call('HMGET', queue .. 'j:' .. block, unpack(ids))
      for i = 1, #ids do
        g.bodies[ids[i]] = bodies[i]
        reads, weighed = reads + 1, weighed + (bodies[i] and #bodies[i] or 0)
      end
    end
    return g.bodies[id]
  end

  -- Gives a group its turn; false if it has no other.
  local function serve(g)
    local rule, u = g.rule, used[g.name]
    if rule.paused or rule.jobs and u.jobs >= rule.jobs or rule.bytes and u.bytes >= rule.bytes then
      g.held = 'inf'
      return false
    end
    if rule.step then
      g.paid = g.paid or tonumber(redis.call('ZSCORE', RATES, g.name) or 0)
      if g.paid - rule.period + rule.step > millis_now() then
        g.held = string.format('%.3f', g.paid - rule.period + rule.step)
        return false
      end
    end
    for entry in entry_of_group, g do
      local id, permits, key, was_woken = string.match(entry, '^(%w+)\t(%d+)\t([^\t]*)(.*)$')
      id = id or entry
      local digit = tostring(g.order[g.step] + 4)
      local ghost = ghostly(digit .. id)
      looks = looks - (ghost and GHOST_LOOK or 1)
      if ghost then
        if was_woken == '\t!' then woken[#woken + 1] = key end
      elseif key and permits_of(key) >= tonumber(permits) then
        local push = was_woken == '\t!' and 'LPUSH' or 'RPUSH'
        redis.call(push, queue .. 'zk:' .. key, digit .. id .. '\t' .. permits .. '\t' .. g.name)
        redis.call('ZADD', PARKED, '0', key)
        if was_woken == '\t!' then woken[#woken + 1] = key end
      else
        local body = body_of(g, id)
        if body then
          if #body > left and #taken > 0 then
            full = true
            return true
          end
          if rule.bytes and u.jobs > 0 and u.bytes + #body > rule.bytes then
            g.held = 'inf'
            return false
          end
          taken[#taken + 1], records[#records + 1] = id, body
          left, room, g.turn = left - #body, room - 1, g.turn + 1 / rule.weight
          charge(g.name, 1, #body)
          if key then spend(key, 1) end
          if rule.step then g.paid = math.max(g.paid, millis_now()) + rule.step end
          full = left <= 0
          g.pos = g.pos + 1
          g.empty = g.pos > #g.list and entry_of_group(g) == nil
          return not g.empty
        end
        orphans = orphans + 1
        if was_woken == '\t!' then woken[#woken + 1] = key end
      end
      g.pos = g.pos + 1
      if looks <= 0 then
        g.empty = g.pos > #g.list and entry_of_group(g) == nil
        return not g.empty
      end
    end
    g.empty = true
    return false
  end

  while room > 0 and looks > 0 and not full do
    local turns = math.min(room, TURNS)
    local ring = redis.call('ZRANGE', RING, 0, turns - 1, 'WITHSCORES')
    if #ring == 0 then break end
    local names, groups = {}, {}
    for i = 1, #ring, 2 do names[#names + 1] = ring[i] end
    learn(names)
    use(names)
    local masks = redis.call('HMGET', MASKS, unpack(names))
    for i = 1, #names do
      local at = tonumber(ring[2 * i])
      groups[i] = {name = names[i], turn = at, was = at, rule = rules[names[i]], order = order_of(masks[i], turn), step = 1,
        list = NONE, pos = 1, base = 0, size = math.ceil(room / #names), page = math.ceil(room / #names), trims = {}, bodies = {}}
    end
    -- Behind this turn there may be groups that were not read. Those served again stand by their next turn.
    local bound = #names == turns and groups[turns].turn or math.huge
    local again, first, last, at = {}, 1, 0, 1
    woken = {}
    while room > 0 and looks > 0 and not full do
      local g
      if at <= #groups and (first > last or groups[at].turn <= again[first].turn) then
        g, at = groups[at], at + 1
      elseif first <= last then
        g, first = again[first], first + 1
      end
      if not g or g.turn > bound then break end
      if serve(g) then
        last = last + 1
        local i = last
        while i > first and again[i - 1].turn > g.turn do
          again[i], i = again[i - 1], i - 1
        end
        again[i] = g
      end
    end
    put_back(groups, woken)
  end
  settle()

  if room == 0 or full or redis.call('EXISTS', RING, INBOX, GIVEN) > 0 then return left, orphans, 1 end
  local next_due = redis.call('ZRANGE', HELD, 0, 0, 'WITHSCORES')[2]
  if next_due and next_due ~= 'inf' then return left, orphans, math.max(2, math.ceil(next_due - millis_now())) end
  return left, orphans, (next_due or redis.call('EXISTS', PARKED) == 1) and -1 or 0
end
