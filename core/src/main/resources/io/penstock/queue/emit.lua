-- Does:    keeps pieces that a running job emits, if the emitter still holds the job, and tells those who follow it. The
--          oldest go when there are too many, and all of them when a later run begins to emit.
-- KEYS:    leases, active, feed, watched
-- ARGV:    lease token, incarnation number, id, channel, name of the emitter, its run or "" if it knows none yet, number of
--          the first piece, number of pieces, the pieces (each: bytes, a colon, text), most bytes of a segment, most
--          segments, millis that the feed is kept from now on
-- Returns: {run, 0 if the job is not held any more, 1 if somebody watches the queue, else 2}
-- Cost:    O(pieces + segment); a hash of 5 small fields and a few segments, which expires
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[2], ARGV[3]) ~= ARGV[2] then return {0, 0} end
local watched = 2 - redis.call('EXISTS', KEYS[4])
local feed = redis.call('HMGET', KEYS[3], 'w', 'r', 'n', 'o', 'c')
local run = ARGV[6]
if feed[1] ~= ARGV[5] then
  -- Another run was here before, or nothing is kept any more. Runs are told apart by when they began, so they only grow.
  local t = redis.call('TIME')
  if run == '' then run = string.format('%.0f', math.max(t[1] * 1000 + math.floor(t[2] / 1000), (feed[2] or 0) + 1)) end
  redis.call('DEL', KEYS[3])
  feed = {ARGV[5], run, '0', '1', '0'}
end
run = feed[2]
local first, count, last = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(feed[3])
-- Sent again: these are here already.
if count > 0 and first > last then
  local oldest, newest = tonumber(feed[4]), tonumber(feed[5])
  local pieces = run .. ' ' .. ARGV[7] .. ';' .. ARGV[9]
  local segment = newest > 0 and first == last + 1 and redis.call('HGET', KEYS[3], 's' .. newest)
  if segment and #segment + #ARGV[9] <= tonumber(ARGV[10]) then
    segment = segment .. ARGV[9]
  else
    newest, segment = newest + 1, pieces
  end
  while newest - oldest >= tonumber(ARGV[11]) do
    redis.call('HDEL', KEYS[3], 's' .. oldest)
    oldest = oldest + 1
  end
  redis.call('HSET', KEYS[3], 's' .. newest, segment, 'w', ARGV[5], 'r', run, 'n', first + count - 1, 'o', oldest,
    'c', newest)
  redis.call('PUBLISH', ARGV[4], pieces)
end
redis.call('PEXPIRE', KEYS[3], ARGV[12])
return {tonumber(run), watched}
