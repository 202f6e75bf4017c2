-- Does:    moves the deadline of a lease that was not reclaimed, and keeps the worker's report for operators.
-- KEYS:    settings, leases, incarnation, cancel requests, workers asked to be quiet
-- ARGV:    lease token, lease millis, report, incarnation number
-- Returns: {held (0 or 1), paused, quiet (2 = it is to end what it runs and leave), ids asked to be cancelled (at most 1,000 of the queue)...}
-- Cost:    O(log workers + cancel requests)
-- first write: PEXPIRE, which a full Redis allows
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then return {0, 0, 0} end
-- The incarnation outlives its lease by a day, so that a resent call is still known after a long outage.
redis.call('PEXPIRE', KEYS[3], 86400000)
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('HSET', KEYS[3], 'report', ARGV[3], 'seen', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[3], 86400000)
local out = {1, redis.call('HEXISTS', KEYS[1], 'paused'), redis.call('SISMEMBER', KEYS[5], ARGV[4])}
if redis.call('HEXISTS', KEYS[3], 'stop') == 1 then out[3] = 2 end
local requests = redis.call('SRANDMEMBER', KEYS[4], 1000)
for i = 1, #requests do out[i + 3] = requests[i] end
return out
