-- Does:    lets a group that is held try again, for the scripts that this file is put in front of.
-- KEYS:    those of the script; the first has a name of one letter, before which all keys of the gate begin alike (decision 9)
-- ARGV:    those of the script
-- Returns: nothing; names a function
-- Cost:    O(log held groups), two commands, of jobs of groups only
-- A job that is too large for the bytes that its group has left holds its group. When it leaves its place, or gets smaller,
-- no permit comes back that would tell those behind it: their group falls due now. Answers whether it was held.
local function loosen(record)
  local group = string.match(string.match(record, '^[^\n]*'), '\tg([^\t]+)')
  local held = string.sub(KEYS[1], 1, -2) .. 'zh'
  if not group or redis.call('ZSCORE', held, group) ~= 'inf' then return false end
  redis.call('ZADD', held, '0', group)
  return true
end
