-- Does:    keeps a signal for a job that has not ended, and makes the job ready if it is delayed because it waits for this one.
--          Sending it again changes nothing.
-- KEYS:    counters, active, delayed, lines of the four priorities, ghosts, watched, records, finishes, extras, inbox
--          of the gate
-- ARGV:    id, name, value, wake channel, event channel, most signals of a job, most bytes of them, seconds that the extras of
--          a running job which has none live when nothing else comes
-- Returns: {"gone"} | {"ended", letter of the state} | {"same"} | {"other"} | {"late"} | {"full"} | {"done", state}
-- Cost:    O(log delayed)
local counters, active, delayed, ghosts, watched = KEYS[1], KEYS[2], KEYS[3], KEYS[8], KEYS[9]
local records, finishes, extras = KEYS[10], KEYS[11], KEYS[12]
local id, name, value = ARGV[1], ARGV[2], ARGV[3]
local record = redis.call('HGET', records, id)
if not record then return {'gone'} end
local finish = redis.call('HGET', finishes, id)
if finish then return {'ended', string.sub(finish, 1, 1)} end

local had = redis.call('HMGET', extras, 'g' .. name, 'd', 'q', 'w')
if had[1] then return {had[1] == value and 'same' or 'other'} end
if string.find(had[2] or '', ',' .. name .. '=-,', 1, true) then return {'late'} end
local count, bytes = string.match(had[3] or '0.0', '^(%d+)%.(%d+)$')
count, bytes = count + 1, bytes + #name + #value
if count > tonumber(ARGV[6]) or bytes > tonumber(ARGV[7]) then return {'full'} end

local head = string.match(record, '^[^\n]*')
local told = string.find(head, '\ts', 1, true)
local fresh = redis.call('EXISTS', extras) == 0
redis.call('HSET', extras, 'g' .. name, value, 'q', count .. '.' .. bytes)
if redis.call('HEXISTS', active, id) == 1 then
  -- Its worker does not know of the hash and may end the job without a look at it.
  if fresh and not told then redis.call('EXPIRE', extras, ARGV[8]) end
  return {'done', 'active'}
end

-- Its next run, and whoever forgets the job, must know that there is something.
local new, state = record, 'waiting'
if not told then
  new = head .. '\ts' .. string.sub(record, #head + 1)
  redis.call('PERSIST', extras)
end
local entry = entry_of(record, id)
if had[4] == string.sub(record, 2, 10) .. name and unschedule(delayed, entry) == 1 then
  local t = redis.call('TIME')
  new = dated(new, t[1] * 1000 + math.floor(t[2] / 1000))
  local priority = string.sub(record, 1, 1)
  -- Its old place in that line may still be there: a job has one place, however often it is moved.
  if redis.call('HDEL', ghosts, priority .. id) == 0 then line_up(4, KEYS[13], priority, id) end
  redis.call('HINCRBY', counters, 'delayed', -1)
  redis.call('HINCRBY', counters, 'waiting', 1)
  redis.call('PUBLISH', ARGV[4], string.sub(id, 1, -3))
  if redis.call('EXISTS', watched) == 1 then redis.call('PUBLISH', ARGV[5], 'waiting ' .. id) end
elseif scheduled(delayed, entry) then
  state = 'delayed'
end
if new ~= record then
  redis.call('HSET', records, id, new)
  redis.call('HINCRBY', counters, 'bytes', #new - #record)
end
return {'done', state}
