-- Does:    puts the gate in order after keys or fields were lost: every group with a line has its place in the ring or is
--          held, every key with parked jobs is known, and permits are those of the jobs that are really in flight.
-- KEYS:    settings, active
-- ARGV:    "1" if it is only to look, count of lines of groups, then each as digit and group, then keys that have a line
-- Returns: {places, masks and counts that were wrong}
-- Cost:    O(lines + jobs in flight), at most some ten thousand, else the counts are left alone; reads whole records
local MOST = 10000
local look, wrong, lines = ARGV[1] ~= '', 0, tonumber(ARGV[2])
local function fix(name, ...)
  wrong = wrong + 1
  if not look then redis.call(name, ...) end
end

-- Groups: a place for each that has a line, none for the others.
local masks, ringless = {}, {}
for i = 3, 2 + lines do
  local priority, group = string.sub(ARGV[i], 1, 1), string.sub(ARGV[i], 2)
  if redis.call('EXISTS', line_of(priority, group)) == 1 then
    masks[group] = (masks[group] or '') .. (priority ~= NORMAL and priority or '')
    if not redis.call('ZSCORE', RING, group) and not redis.call('ZSCORE', HELD, group) and not ringless[group] then
      ringless[group] = true
      wrong = wrong + 1
      if not look then enter({group}) end
    end
  end
end
local function has_line(group)
  for p = 0, 3 do
    if redis.call('EXISTS', line_of(p, group)) == 1 then return true end
  end
  return false
end
for _, index in ipairs({RING, HELD}) do
  local groups = redis.call('ZCARD', index) <= MOST and redis.call('ZRANGE', index, 0, -1) or {}
  for i = 1, #groups do
    if not has_line(groups[i]) or index == HELD and redis.call('ZSCORE', RING, groups[i]) then
      fix('ZREM', index, groups[i])
    elseif index == HELD and not look then
      -- What held it may be what was lost: its next turn will tell.
      redis.call('ZREM', HELD, groups[i])
      enter({groups[i]})
    end
  end
end
for _, group in ipairs(redis.call('HLEN', MASKS) <= MOST and redis.call('HKEYS', MASKS) or {}) do masks[group] = masks[group] or '' end
for group, is in pairs(masks) do
  local was = redis.call('HGET', MASKS, group) or ''
  local all = {}
  for p in string.gmatch(was .. is, '%d') do
    if redis.call('EXISTS', line_of(p, group)) == 1 and not string.find(table.concat(all), p, 1, true) then all[#all + 1] = p end
  end
  if #all ~= #was then
    if #all == 0 then fix('HDEL', MASKS, group) else fix('HSET', MASKS, group, table.concat(all)) end
  end
end

-- Keys: each with a line is known, and one of its jobs is woken, as the permit that would wake it may be lost.
local keys = redis.call('ZCARD', PARKED) <= MOST and redis.call('ZRANGE', PARKED, 0, -1) or {}
for i = 1, #keys do
  if redis.call('EXISTS', queue .. 'zk:' .. keys[i]) == 0 then fix('ZREM', PARKED, keys[i]) end
end
for i = 3 + lines, #ARGV do
  if redis.call('EXISTS', queue .. 'zk:' .. ARGV[i]) == 1 then
    if not redis.call('ZSCORE', PARKED, ARGV[i]) then fix('ZADD', PARKED, '0', ARGV[i]) end
    if not look then redis.call('RPUSH', GIVEN, '\t\t' .. ARGV[i]) end
  end
end

-- Permits: what jobs in flight hold, and what ended ones have not given back yet.
local in_use = redis.call('EXISTS', GIVEN, INBOX, RING, HELD, USED, PERMITS, PARKED) > 0
if redis.call('HLEN', KEYS[2]) <= MOST and redis.call('LLEN', GIVEN) <= MOST then
  local jobs, bytes, permits = {}, {}, {}
  local function hold(group, size, key)
    jobs[group], bytes[group] = (jobs[group] or 0) + 1, (bytes[group] or 0) + size
    if key and key ~= '' then permits[key] = (permits[key] or 0) + 1 end
  end
  local ids = redis.call('HKEYS', KEYS[2])
  for i = 1, #ids do
    local record = ids[i] ~= '' and redis.call('HGET', queue .. 'j:' .. string.sub(ids[i], 1, -3), ids[i])
    if record and string.find(record, '^[4-7]') then
      local group, _, key = gate_of(record)
      hold(group, #record, key)
      in_use = true
    end
  end
  local given = redis.call('LRANGE', GIVEN, 0, -1)
  for i = 1, #given do
    local group, size, key = string.match(given[i], '^([^\t]*)\t(%d*)\t(.*)$')
    if group and size ~= '' then hold(group, size, key) end
  end
  local function recount(hash, is)
    local was = redis.call('HGETALL', hash)
    for i = 1, #was, 2 do
      if not is[was[i]] then fix('HDEL', hash, was[i]) elseif is[was[i]] == was[i + 1] then is[was[i]] = nil end
    end
    for field, value in pairs(is) do fix('HSET', hash, field, value) end
  end
  local used = {}
  for group, n in pairs(jobs) do used[group] = string.format('%d %.0f', n, bytes[group]) end
  for key, n in pairs(permits) do permits[key] = string.format('%d', n) end
  recount(USED, used)
  recount(PERMITS, permits)
end
if in_use and redis.call('HEXISTS', KEYS[1], 'gated') == 0 then fix('HSET', KEYS[1], 'gated', '1') end
return {wrong}
