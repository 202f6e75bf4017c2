-- Does:    tells one worker that found no room for what waits that there may be some now, for the scripts that this file
--          is put in front of.
-- KEYS:    those of the script
-- ARGV:    those of the script
-- Returns: nothing; names a function
-- Cost:    two or three commands; those whose lease is over are passed by, five at most
-- first write: SPOP, which a full Redis allows
-- Whoever is told looks, and tells the next if more is left than it can take: one freed permit wakes one worker, whatever
-- the number of those that wait. A worker is told by the number of its incarnation behind a "!", which a block never has.
local function pass_on(leases)
  local queue = string.sub(leases, 1, -2)
  for _ = 1, 5 do
    local token = redis.call('SPOP', queue .. 'zw')
    if not token then return 0 end
    if redis.call('ZSCORE', leases, token) then
      redis.call('PUBLISH', queue .. 'wake', '!' .. string.match(token, '^[^.]*'))
      return 1
    end
  end
  return 0
end
