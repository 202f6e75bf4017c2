-- Does:    moves jobs of the gate from the lines of groups and keys back to the inbox, so that they can be walked as one list.
-- KEYS:    settings
-- ARGV:    most jobs
-- Returns: {0 when neither lines nor the inbox hold any job, else another number}
-- Cost:    O(jobs + groups)
-- first write: ZREM of nothing, which a full Redis allows
redis.call('ZREM', RING, '*')
local most, entries = tonumber(ARGV[1]), {}

for _, index in ipairs({RING, HELD}) do
  local groups = #entries < most and redis.call('ZRANGE', index, 0, most - 1) or {}
  for i = 1, #groups do
    local left = false
    for priority = 0, 3 do
      local line = line_of(priority, groups[i])
      local here = #entries < most and redis.call('LRANGE', line, 0, most - #entries - 1) or {}
      for n = 1, #here do
        local id, permits, key = string.match(here[n], '^(%w+)\t?(%d*)\t?([^\t]*)')
        entries[#entries + 1] = (priority + 4) .. id .. '\t' .. groups[i] ..
          (key ~= '' and '\t' .. permits .. '\t' .. key or '')
      end
      if #here > 0 then redis.call('LTRIM', line, #here, -1) end
      local stays = redis.call('EXISTS', line) == 1
      if #here > 0 and not stays then mask(groups[i], tostring(priority), false) end
      left = left or stays
    end
    if not left then redis.call('ZREM', index, groups[i]) end
    if #entries >= most then break end
  end
end

local keys = #entries < most and redis.call('ZRANGE', PARKED, 0, most - 1) or {}
for i = 1, #keys do
  local line = queue .. 'zk:' .. keys[i]
  local here = #entries < most and redis.call('LRANGE', line, 0, most - #entries - 1) or {}
  for n = 1, #here do
    local place, permits, group = string.match(here[n], '^(%w+)\t(%d+)\t(.*)$')
    entries[#entries + 1] = place .. '\t' .. group .. '\t' .. permits .. '\t' .. keys[i]
  end
  if #here > 0 then redis.call('LTRIM', line, #here, -1) end
  if redis.call('EXISTS', line) == 0 then redis.call('ZREM', PARKED, keys[i]) end
end
if #entries > 0 then redis.call('RPUSH', INBOX, unpack(entries)) end
return {redis.call('LLEN', INBOX) + redis.call('EXISTS', RING, HELD, PARKED)}
