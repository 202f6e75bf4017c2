-- Does:    writes or forgets a rule, if it still is what the caller saw.
-- KEYS:    rules, numbers
-- ARGV:    id, text that was seen ('' = none), new text ('' = forget it), most rules
-- Returns: {0 done, 1 changed by others, 2 too many}
-- Cost:    O(1)
-- first write: HDEL, which a full Redis allows; after it the rest runs
redis.call('HDEL', KEYS[2], '')
local is = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if is == ARGV[3] then return {0} end
if is ~= ARGV[2] then return {1} end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
elseif is == '' and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  return {2}
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
redis.call('HINCRBY', KEYS[2], 'rules', 1)
return {0}
