-- Does:    adds a token, or takes one back; done twice, it is done once. What is taken back goes also when Redis is full.
-- KEYS:    tokens, their last uses
-- ARGV:    id, the token (empty = none any more), most tokens, a name for what there is from now on, the name that there must
--          be now ("any" = whatever there is)
-- Returns: {1 done, 0 there was none, -1 there are as many as may be, -2 there is something else than that}
-- Cost:    O(1); a field of some hundred bytes
if ARGV[5] ~= 'any' and (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[5] then return {-2} end
if ARGV[2] == '' then
  local gone = redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
  if gone == 1 then redis.call('HSET', KEYS[1], 'version', ARGV[4]) end
  return {gone}
end
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return {1} end
-- the version is a field as well
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[3]) then return {-1} end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2], 'version', ARGV[4])
return {1}
