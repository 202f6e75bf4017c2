-- Does:    changes what a group may do, or all groups that do not say otherwise, and lets those that are held try again.
-- KEYS:    settings
-- ARGV:    group or "*", then weight, jobs, jobs of the rate, its millis, bytes, paused: "-" = as it is, "" = as all groups;
--          most groups with rules of their own, most held groups let go
-- Returns: {1 or 0 if there are too many groups with rules of their own, groups still held}
-- Cost:    O(groups let go)
local group = ARGV[1]
local was = {string.match(redis.call('HGET', RULES, group) or ',,,,,', '^(%d*),(%d*),(%d*),(%d*),(%d*),(%d*)$')}
local is = {}
for i = 1, 6 do is[i] = ARGV[1 + i] == '-' and (was[i] or '') or ARGV[1 + i] end
local text = table.concat(is, ',')
if text == ',,,,,' then
  redis.call('HDEL', RULES, group)
else
  if redis.call('HLEN', RULES) >= tonumber(ARGV[8]) and redis.call('HEXISTS', RULES, group) == 0 then return {0, 0} end
  redis.call('HSET', RULES, group, text)
end
if group == '*' then
  local held = redis.call('ZRANGE', HELD, 0, ARGV[9] - 1)
  if #held > 0 then
    redis.call('ZREM', HELD, unpack(held))
    enter(held)
  end
elseif redis.call('ZREM', HELD, group) == 1 then
  enter({group})
end
return {1, redis.call('ZCARD', HELD)}
