-- Does:    lets blocked jobs go, to their line or to delayed, for the scripts that this file is put in front of.
-- KEYS:    those of the script
-- ARGV:    those of the script
-- Returns: nothing; names functions
-- Cost:    each job six commands
-- first write: HDEL, which a full Redis allows
local freed = {blocked = 0, waiting = 0, delayed = 0, entries = {}}

local function millis_now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- Lets one job go if it is blocked; `line` is where the lines begin in KEYS, behind them blocked and the inbox of the gate; `due` as in add.lua. Sent again it changes nothing.
local function release(blocked, records, line, id, due)
  if redis.call('HDEL', blocked, id) == 0 then return end
  freed.blocked = freed.blocked + 1
  local record = redis.call('HGET', records, id)
  if not record then return end
  -- It is ready from now on, so that nobody takes the time it was blocked for waiting.
  local now = millis_now()
  local at = now
  if due ~= '' then
    at = tonumber(string.sub(due, 2))
    at = math.max(now, string.byte(due) == 43 and now + at or at)
  end
  record = dated(record, at)
  redis.call('HSET', records, id, record)
  if at > now then
    freed.entries[#freed.entries + 1] = entry_of(record, id)
  else
    if line_up(line, KEYS[line + 5], string.sub(record, 1, 1), id) == 1 then freed.wake = string.sub(id, 1, -3) end
    freed.waiting = freed.waiting + 1
  end
end

-- After the last of them: what they have in common.
local function released(counters, delayed, blocked, channel)
  if freed.blocked == 0 then return end
  if #freed.entries > 0 then
    redis.call('HINCRBY', counters, 'delayed', #freed.entries)
    schedule(delayed, freed.entries)
  end
  if freed.waiting > 0 then redis.call('HINCRBY', counters, 'waiting', freed.waiting) end
  redis.call('HINCRBY', counters, 'blocked', -freed.blocked)
  if redis.call('HLEN', blocked) == 1 then redis.call('HDEL', blocked, '') end
  if freed.wake then redis.call('PUBLISH', channel, freed.wake) end
end
