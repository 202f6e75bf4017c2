-- Does:    reads a page of the groups that have jobs waiting or in flight, or certain groups.
-- KEYS:    settings
-- ARGV:    "ring", "held" or "used" and cursor (a rank; of used one of HSCAN), or "named" and ""; most groups; then names
-- Returns: {next cursor or "", rule of all groups or "", then of each group: name, waiting, "jobs bytes" in flight or "",
--          own rule or "", "" (ring) or millis until which it is held ("inf": for a permit) or "-" (nothing waits)}
-- Cost:    O(groups)
local phase, at, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local names, next_at = {}, ''
if phase == 'named' then
  for i = 4, #ARGV do names[#names + 1] = ARGV[i] end
elseif phase == 'used' then
  local page = redis.call('HSCAN', USED, at, 'COUNT', most)
  next_at = page[1] == '0' and '' or page[1]
  for i = 1, #page[2], 2 do
    local group = page[2][i]
    if not redis.call('ZSCORE', RING, group) and not redis.call('ZSCORE', HELD, group) then names[#names + 1] = group end
  end
else
  names = redis.call('ZRANGE', phase == 'ring' and RING or HELD, at, at + most - 1)
  if #names == most then next_at = tostring(at + most) end
end
local out = {next_at, redis.call('HGET', RULES, '*') or ''}
for i = 1, #names do
  local group = names[i]
  local waiting = redis.call('LLEN', line_of(NORMAL, group))
  for priority in string.gmatch(redis.call('HGET', MASKS, group) or '', '%d') do
    waiting = waiting + redis.call('LLEN', line_of(priority, group))
  end
  local held = redis.call('ZSCORE', HELD, group)
  local n = #out
  out[n + 1], out[n + 2], out[n + 3] = group, waiting, redis.call('HGET', USED, group) or ''
  out[n + 4] = redis.call('HGET', RULES, group) or ''
  out[n + 5] = held or redis.call('ZSCORE', RING, group) and '' or '-'
end
return out
