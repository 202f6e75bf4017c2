-- Does:    ends an incarnation that has nothing in hand; one that still holds jobs is left to the reclaimer, at once.
-- KEYS:    leases, dead incarnations, incarnation, workers asked to be quiet
-- ARGV:    lease token, incarnation number, jobs that the worker could not hand back
-- Returns: 1, or 0 if the lease was not held
-- Cost:    O(log workers)
-- first write: ZREM, which a full Redis allows
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('DEL', KEYS[3])
redis.call('SREM', KEYS[4], ARGV[2])
if ARGV[3] ~= '0' then redis.call('SADD', KEYS[2], ARGV[1]) end
return 1
