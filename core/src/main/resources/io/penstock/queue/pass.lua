-- Does:    notes a worker that found no room for what waits, and tells one of them that there may be some now, for the
--          scripts that this file is put in front of.
-- KEYS:    those of the script; the first has a name of one letter
-- ARGV:    those of the script
-- Returns: nothing; names functions
-- Cost:    two or three commands; those whose lease is over are passed by, five at most
-- first write: SPOP, which a full Redis allows
-- Whoever is told looks, and tells the next if more is left than it can take: one freed permit wakes one worker, whatever
-- the number of those that wait. A worker is told by the number of its incarnation behind a "!", which a block never has.
local WAITERS = string.sub(KEYS[1], 1, -2) .. 'zw'
-- Seconds that a worker counts as waiting for room; it asks again once a second, so those that died are forgotten soon.
local WAITS = 10

-- A worker goes away with nothing though something waits: it is told when there is room that nobody else uses.
local function wait_for_room(token)
  redis.call('SADD', WAITERS, token)
  redis.call('EXPIRE', WAITERS, WAITS)
end

local function pass_on(leases)
  for _ = 1, 5 do
    local token = redis.call('SPOP', WAITERS)
    if not token then return 0 end
    if redis.call('ZSCORE', leases, token) then
      redis.call('PUBLISH', string.sub(leases, 1, -2) .. 'wake', '!' .. string.match(token, '^[^.]*'))
      return 1
    end
  end
  return 0
end
