-- Does:    gives the holder of a unique key a new payload, if it has not started: debounce and keep-last. Sending it again
--          changes nothing.
-- KEYS:    counters, active, delayed, ghosts, finishes, records, unique key, line of the holder's priority
-- ARGV:    id of the holder, field, hash of its record as it was seen, new record, delay millis or "" (keep its place),
--          digit of its line
-- Returns: "done" | "changed"
-- Cost:    O(log delayed)
local id = ARGV[1]
if redis.call('HGET', KEYS[7], ARGV[2]) ~= id then return 'changed' end
local record = redis.call('HGET', KEYS[6], id)
-- Sent again, or nothing new: alike but for the due time, which is ours.
if record and string.sub(record, 11) == string.sub(ARGV[4], 11) then return 'done' end
if not record or redis.sha1hex(record) ~= ARGV[3] then return 'changed' end
if redis.call('HEXISTS', KEYS[2], id) == 1 or redis.call('HEXISTS', KEYS[5], id) == 1 then return 'changed' end
local new = ARGV[4]
if ARGV[5] ~= '' then
  local t = redis.call('TIME')
  new = dated(new, t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[5])
end
redis.call('HSET', KEYS[6], id, new)
loosen(record)
redis.call('HINCRBY', KEYS[1], 'bytes', #new - #record)
if ARGV[5] ~= '' then
  local stood = unschedule(KEYS[3], entry_of(record, id))
  schedule(KEYS[3], {entry_of(new, id)})
  if stood == 0 then
    -- It was due already and stood in its line: the place there becomes a ghost.
    redis.call('HINCRBY', KEYS[4], ARGV[6] .. id, 1)
    redis.call('HINCRBY', KEYS[1], 'waiting', -1)
    redis.call('HINCRBY', KEYS[1], 'delayed', 1)
  end
end
return 'done'
