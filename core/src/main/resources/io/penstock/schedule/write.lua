-- Does:    writes where a schedule stands, if it still stands where the caller saw it.
-- KEYS:    names, definitions, states, due, runs of the schedule
-- ARGV:    id, state that was seen ('' = none), new state, new definition ('' = as it is), when it is due in millis
--          ('' = never, '=' as it is), runs kept, most schedules, then lines for its history
-- Returns: {0 done, 1 changed by others, 2 too many}; a call that comes twice is done once
-- Cost:    O(log schedules)
-- first write: HDEL, which a full Redis allows; after it the rest runs
redis.call('HDEL', KEYS[2], '')
local id, seen, state, definition, due = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local is = redis.call('HGET', KEYS[3], id) or ''
if is == state then return {0} end
if is ~= seen then return {1} end
if is == '' then
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[7]) then return {2} end
  redis.call('ZADD', KEYS[1], 0, id)
  redis.call('DEL', KEYS[5])
end
redis.call('HSET', KEYS[3], id, state)
if definition ~= '' then redis.call('HSET', KEYS[2], id, definition) end
if due == '' then
  redis.call('ZREM', KEYS[4], id)
elseif due ~= '=' then
  redis.call('ZADD', KEYS[4], due, id)
end
for i = 8, #ARGV do
  redis.call('LPUSH', KEYS[5], ARGV[i])
  redis.call('PUBLISH', string.sub(KEYS[1], 1, -6) .. 'events', id .. ' ' .. ARGV[i])
end
if #ARGV > 7 then redis.call('LTRIM', KEYS[5], 0, ARGV[6] - 1) end
return {0}
