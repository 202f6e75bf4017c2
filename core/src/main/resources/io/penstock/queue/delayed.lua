-- Does:    keeps delayed jobs in order of their due time, for the scripts that this file is put in front of.
-- KEYS:    those of the script
-- ARGV:    those of the script
-- Returns: nothing; names functions
-- Cost:    each O(log jobs) and at most two leaves
-- A job is an entry of 9 digits of due time, priority, serial; entries stand sorted in leaves of at most 20, and a leaf,
-- its entries with commas between, is one member of a sorted set in which all scores are 0, so that Redis keeps the leaves
-- in the order of their first entries. Measured: a member for each job costs 130 bytes, an entry of a leaf 30.
-- The due time of a delayed job is that of its record, so an entry is found by the record.
local LEAF = 20

local told_millis, told_digits
local function time_digits(millis)
  if millis == told_millis then return told_digits end
  local n, text = math.max(0, math.min(millis, 35184372088831)), ''
  for _ = 1, 9 do
    local low = n % 32
    text = string.sub('0123456789abcdefghijklmnopqrstuv', low + 1, low + 1) .. text
    n = (n - low) / 32
  end
  told_millis, told_digits = millis, text
  return text
end

-- This record, ready at that time.
local function dated(record, millis)
  return string.sub(record, 1, 1) .. time_digits(millis) .. string.sub(record, 11)
end

local function entry_of(record, id)
  return string.sub(record, 2, 10) .. string.sub(record, 1, 1) .. id
end

-- The leaf in which this entry stands if it stands in any; '-' comes behind the comma and before all digits.
local function leaf_of(delayed, entry)
  return redis.call('ZREVRANGEBYLEX', delayed, '[' .. entry .. '-', '-', 'LIMIT', 0, 1)[1]
end

local function place_in(leaf, entry)
  return leaf and string.find(',' .. leaf .. ',', ',' .. entry .. ',', 1, true)
end

local function scheduled(delayed, entry)
  return place_in(leaf_of(delayed, entry), entry) and true or false
end

-- Adds entries, in any order; each leaf is written once.
local function schedule(delayed, entries)
  table.sort(entries)
  local at = 1
  while at <= #entries do
    local leaf = leaf_of(delayed, entries[at]) or redis.call('ZRANGE', delayed, 0, 0)[1]
    local all, n, from, after = {}, 0, at, true
    for old in string.gmatch(leaf or '', '[^,]+') do
      while at <= #entries and entries[at] < old do
        n, all[n + 1], at = n + 1, entries[at], at + 1
      end
      if entries[at] == old then at = at + 1 end
      n, all[n + 1] = n + 1, old
    end
    if at == from then
      -- None stands within this leaf, so all that come before the next one are put behind it.
      after = leaf and redis.call('ZRANGEBYLEX', delayed, '(' .. leaf, '+', 'LIMIT', 0, 1)[1]
      local bound = after and string.match(after, '^[^,]+')
      while at <= #entries and (not bound or entries[at] < bound) do
        n, all[n + 1], at = n + 1, entries[at], at + 1
      end
    end
    -- Jobs mostly come in order of their due time, so leaves at the end are filled; others are cut in even parts.
    local size, leaves = after and math.ceil(n / math.ceil(n / LEAF)) or LEAF, {}
    for i = 1, n, size do
      leaves[#leaves + 1], leaves[#leaves + 2] = '0', table.concat(all, ',', i, math.min(n, i + size - 1))
    end
    if leaf and leaves[2] ~= leaf then redis.call('ZREM', delayed, leaf) end
    redis.call('ZADD', delayed, unpack(leaves))
  end
end

-- Takes one entry out and answers 1, or 0 if it is not there; a leaf that gets thin is joined to the next one.
local function unschedule(delayed, entry)
  local leaf = leaf_of(delayed, entry)
  local from = place_in(leaf, entry)
  if not from then return 0 end
  redis.call('ZREM', delayed, leaf)
  local left, right = string.sub(leaf, 1, math.max(0, from - 2)), string.sub(leaf, from + #entry + 1)
  local rest = left .. (left ~= '' and right ~= '' and ',' or '') .. right
  if rest == '' then return 1 end
  local half = LEAF / 2 * (#entry + 1)
  if #rest < half then
    local after = redis.call('ZRANGEBYLEX', delayed, '[' .. entry .. '-', '+', 'LIMIT', 0, 1)[1]
    if after and #rest + #after < half then
      redis.call('ZREM', delayed, after)
      rest = rest .. ',' .. after
    end
  end
  redis.call('ZADD', delayed, '0', rest)
  return 1
end
