-- Does:    keeps what a running job reports (progress, a step's result, log lines), if the reporter still holds it.
-- KEYS:    leases, active, extras
-- ARGV:    lease token, incarnation number, id, field, value, "append", "set" or "keep" (a step: also a hash that a signal
--          made and that was to expire), most bytes of the field, number of what is appended (grows within a run)
-- Returns: 1 if kept, 0 if the job is not held any more, 2 if the field would grow past its bound
-- Cost:    O(value)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[2], ARGV[3]) ~= ARGV[2] then return 0 end
local value = ARGV[5]
if ARGV[6] == 'append' then
  -- Sent again: the same incarnation has appended this already.
  local who, last = string.match(redis.call('HGET', KEYS[3], 'n') or '', '^(.*)%.(%d+)$')
  if who == ARGV[2] and tonumber(last) >= tonumber(ARGV[8]) then return 1 end
  value = (redis.call('HGET', KEYS[3], ARGV[4]) or '') .. value
end
if #value > tonumber(ARGV[7]) then return 2 end
redis.call('HSET', KEYS[3], ARGV[4], value)
if ARGV[6] == 'append' then redis.call('HSET', KEYS[3], 'n', ARGV[2] .. '.' .. ARGV[8]) end
if ARGV[6] == 'keep' then redis.call('PERSIST', KEYS[3]) end
return 1
