-- Does:    keeps alerts as they stand and remembers those that ended; what is of all only for the holder of the lease.
-- KEYS:    lease, alerts, past, numbers
-- ARGV:    token, most alerts, most of the past, then five for each: 1 if the lease is needed, id, alert ('' = forget it),
--          millis of its end, the end ('' = none)
-- Returns: {1 if the lease is held, alerts for which there was no room}
-- Cost:    O(alerts of the call), each log of the past
-- first write: HDEL, which a full Redis allows; after it the rest runs
redis.call('HDEL', KEYS[4], '')
local held, refused, ended = redis.call('GET', KEYS[1]) == ARGV[1], 0, false
local most = tonumber(ARGV[2])
for i = 4, #ARGV, 5 do
  if held or ARGV[i] == '0' then
    local id, alert, past = ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
    if alert == '' then
      redis.call('HDEL', KEYS[2], id)
    elseif redis.call('HEXISTS', KEYS[2], id) == 1 or redis.call('HLEN', KEYS[2]) < most then
      redis.call('HSET', KEYS[2], id, alert)
    else
      refused = refused + 1
    end
    if past ~= '' then
      -- by its own text: sent again, it is the same entry
      redis.call('ZADD', KEYS[3], ARGV[i + 3], past)
      ended = true
    end
  end
end
if ended then redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -ARGV[3] - 1) end
return {held and 1 or 0, refused}
