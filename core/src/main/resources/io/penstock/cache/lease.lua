-- Does:    lets one process load a key, until it has stored or the lease has run out; asked again by the same token it
--          says the same. Who is told to wait leaves a mark, so that the end of the load is published only if somebody waits.
-- KEYS:    value, lease, mark of those who wait
-- ARGV:    token, lease millis, id of the value that the caller has seen (empty = none), 1 = it will wait
-- Returns: {1} load it, {2} the value is another by now: read it, {0, millis left} somebody else loads it
-- Cost:    O(1)
if redis.call('GETRANGE', KEYS[1], 2, 9) ~= ARGV[3] then return {2} end
local holder = redis.call('GET', KEYS[2])
if holder == ARGV[1] then return {1} end
if not holder then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  return {1}
end
local left = math.max(1, redis.call('PTTL', KEYS[2]))
if ARGV[4] == '1' then redis.call('SET', KEYS[3], '1', 'PX', left) end
return {0, left}
