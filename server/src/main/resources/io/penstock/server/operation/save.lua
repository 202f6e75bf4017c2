-- Does:    writes down how far an operation is, if whoever says so holds it.
-- KEYS:    lease, the operation, open operations, its ids
-- ARGV:    token, id, how far it is, lease millis, "go" it goes on, "over" it has ended, "leave" another may go on
-- Returns: {1 done, 0 it is another's by now; 1 it is to be cancelled}
-- Cost:    O(1); a field of some ten KiB at most
-- first write: DEL or PEXPIRE, which a full Redis allows
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0, 0} end
if ARGV[5] == 'go' then
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
else
  redis.call('DEL', KEYS[1])
end
redis.call('HSET', KEYS[2], 's', ARGV[3])
if ARGV[5] == 'over' then
  redis.call('ZREM', KEYS[3], ARGV[2])
  redis.call('DEL', KEYS[4])
end
return {1, redis.call('HEXISTS', KEYS[2], 'x')}
