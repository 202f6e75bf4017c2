-- Does:    tells one worker that waits for room that a permit came back which whoever gave it back does not use.
-- KEYS:    leases, workers that wait for room
-- ARGV:    none
-- Returns: {1 if one was told, else 0}
-- Cost:    two or three commands
-- first write: SPOP, which a full Redis allows
return {pass_on(KEYS[1])}
