-- Does:    gives the holder of a unique key a new payload, if it has not started: debounce and keep-last. Sending it again
--          changes nothing.
-- KEYS:    counters, active, delayed, ghosts, finishes, records, unique key, line of the holder's priority
-- ARGV:    id of the holder, field, hash of its record as it was seen, new record, delay millis or "" (keep its place),
--          priority
-- Returns: "done" | "changed"
-- Cost:    O(log delayed)
local id = ARGV[1]
if redis.call('HGET', KEYS[7], ARGV[2]) ~= id then return 'changed' end
local record = redis.call('HGET', KEYS[6], id)
if record == ARGV[4] then return 'done' end -- sent again, or nothing new
if not record or redis.sha1hex(record) ~= ARGV[3] then return 'changed' end
if redis.call('HEXISTS', KEYS[2], id) == 1 or redis.call('HEXISTS', KEYS[5], id) == 1 then return 'changed' end
redis.call('HSET', KEYS[6], id, ARGV[4])
redis.call('HINCRBY', KEYS[1], 'bytes', #ARGV[4] - #record)
if ARGV[5] ~= '' then
  local t = redis.call('TIME')
  local due = t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[5]
  if redis.call('ZADD', KEYS[3], string.format('%.0f', due), ARGV[6] .. id) == 1 then
    -- It was due already and stood in its line: the place there becomes a ghost.
    redis.call('HINCRBY', KEYS[4], ARGV[6] .. id, 1)
    redis.call('HINCRBY', KEYS[1], 'waiting', -1)
    redis.call('HINCRBY', KEYS[1], 'delayed', 1)
  end
end
return 'done'
