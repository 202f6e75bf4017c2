-- Does:    tells that a process lives, and gives or renews the lease of the one that speaks for all.
-- KEYS:    lease, numbers, processes
-- ARGV:    token, 1 if it stands for the lease, lease millis, process, 1 if the holder looked since it last said so
-- Returns: {millis, 1 if the lease is its own, change of rules, change of marks, millis of the last look, token of the holder}
-- Cost:    O(log processes)
-- first write: ZREMRANGEBYSCORE, which a full Redis allows; after it the rest runs
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local stamp = string.format('%.0f', now)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now - 3600000))
redis.call('ZADD', KEYS[3], stamp, ARGV[4])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -10001)

local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then
  if ARGV[2] == '1' then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
  else
    redis.call('DEL', KEYS[1])
    holder = false
  end
elseif not holder and ARGV[2] == '1' then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3], 'NX')
  holder = ARGV[1]
end
local n = redis.call('HMGET', KEYS[2], 'rules', 'marks', 'looked')
if holder == ARGV[1] and ARGV[5] == '1' then redis.call('HSET', KEYS[2], 'looked', stamp) end
return {now, holder == ARGV[1] and 1 or 0, tonumber(n[1] or 0), tonumber(n[2] or 0), tonumber(n[3] or 0), holder}
