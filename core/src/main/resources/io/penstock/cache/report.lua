-- Does:    keeps what a process tells of its caches, by the clock of Redis, drops those that were silent for a minute, and
--          reads the others. The hash expires when nobody tells any more.
-- KEYS:    reports
-- ARGV:    process, its report (left out = only read, empty = it has none any more)
-- Returns: process, report, process, report ...
-- Cost:    O(processes)
local now = tonumber(redis.call('TIME')[1])
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
elseif ARGV[2] then
  redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
  redis.call('PEXPIRE', KEYS[1], 300000)
end
local all, alive = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
  local told, report = string.match(all[i + 1], '^(%d+) (.*)$')
  if not told or now - told > 60 then
    redis.call('HDEL', KEYS[1], all[i])
  else
    alive[#alive + 1] = all[i]
    alive[#alive + 1] = report
  end
end
return alive
