-- Does:    frees a unique key whose holder is gone or has ended, or gives it to a job that should hold it and does not.
-- KEYS:    hash of the key, records, finishes
-- ARGV:    key, id, "1" if the record of the job says that it wants the key, "1" if it is only to look
-- Returns: "freed" | "given" | "right"
-- Cost:    O(1)
local holder = redis.call('HGET', KEYS[1], ARGV[1])
local lives = redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 and redis.call('HEXISTS', KEYS[3], ARGV[2]) == 0
if holder == ARGV[2] and not lives then
  if ARGV[4] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) end
  return 'freed'
end
if not holder and lives and ARGV[3] == '1' then
  if ARGV[4] ~= '' then return 'given' end
  -- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
  redis.call('HSET', KEYS[1], '', '-----------------------------------------------------------------', ARGV[1], ARGV[2])
  return 'given'
end
return 'right'
