-- Does:    says whether a relay's batch is in, and if not sees to it that it never will be: its block is taken away, so that
--          an add that is still on its way is refused. Whoever took the batch over may then add its jobs anew.
-- KEYS:    marks of the relay
-- ARGV:    block, nonce of the relay (8 characters), last id of the batch
-- Returns: {1} it is in | {0} it is not and will not be
-- Cost:    O(1)
local mark = redis.call('HGET', KEYS[1], ARGV[1])
if mark and string.sub(mark, 1, 8) == ARGV[2] and string.sub(mark, 9) >= ARGV[3] then return {1} end
redis.call('HDEL', KEYS[1], ARGV[1])
return {0}
