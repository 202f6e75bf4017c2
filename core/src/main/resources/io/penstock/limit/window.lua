-- Does:    counts permits in a sliding window of 16 slices and the one under way, by the clock of Redis.
--          A slice counts whole until its last instant has left the window, so no window ever holds more than the limit;
--          the price: a permit comes back up to one slice (1/16 of the window) late. Two weighted counters, the usual
--          way, let nearly twice the limit through (all of it at the end of one window, all of it at the end of the next).
--          A call that is sent again is known by its name and charged once.
-- KEYS:    state of the key
-- ARGV:    permits, limit, slice millis, name of the call (8 characters)
-- Returns: {1 or 0, permits left, millis until nothing counts any more, millis after which to come again,
--          now in millis}
-- Cost:    O(1), O(17) when a slice is new or one is refused first; a hash of at most 24 small fields that expires
local n, limit, slice = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local RING = 17
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local c = math.floor(now / slice)
local here = tostring(c % RING)
local s = redis.call('HMGET', KEYS[1], 'w', 'h', 'n', 'q', 'm', 'r', 'k')
local head, used, marks = tonumber(s[2] or c), tonumber(s[3] or 0), s[5] or ''
local fresh = false

if s[1] and (tonumber(s[1]) ~= slice or c < head) then
  -- Another window than before, or the clock went back: all that counts does so as if it were taken now.
  redis.call('DEL', KEYS[1])
  if used > 0 then redis.call('HSET', KEYS[1], here, string.format('%.0f', used)) end
  fresh = true
elseif c > head then
  local gone = {}
  for i = head - RING + 1, math.min(head, c - RING) do gone[#gone + 1] = tostring(i % RING) end
  if #gone > 0 then
    local counts = redis.call('HMGET', KEYS[1], unpack(gone))
    for i = 1, #gone do used = used - (counts[i] or 0) end
    redis.call('HDEL', KEYS[1], unpack(gone))
  end
end

local again = false
for i = 1, #marks, 8 do again = again or string.sub(marks, i, i + 7) == ARGV[4] end
local turn, allowed, retry, ends = tonumber(s[4] or 0), 1, 0, (c + RING) * slice - now
if not again and used + n > limit then
  -- Each caller that is refused gets a turn of its own, spaced evenly over a window; then they begin anew, so that one
  -- who hammers cannot push the others away without end.
  allowed = 0
  local free, per = tonumber(s[6] or 0) - now, slice * (RING - 1)
  if fresh or free <= 0 or tonumber(s[7]) ~= n then
    -- Looked for once: until then others who ask for as many need not look again.
    local order = {}
    for i = 1, RING do order[i] = tostring((c - RING + i) % RING) end
    local counts, leaves, last = redis.call('HMGET', KEYS[1], unpack(order)), used + n - limit, 1
    while last < RING and leaves > tonumber(counts[last] or 0) do
      leaves = leaves - (counts[last] or 0)
      last = last + 1
    end
    free = (c + last) * slice - now
    redis.call('HSET', KEYS[1], 'r', string.format('%.0f', now + free), 'k', ARGV[1])
  end
  turn = math.max(turn, now + free)
  if turn > now + free + per then turn = now + free end
  retry = math.ceil(turn - now)
  turn = turn + n * per / limit
elseif not again then
  used = used + n
  marks = string.sub(ARGV[4] .. marks, 1, 64)
end
redis.call('HSET', KEYS[1], 'w', ARGV[3], 'h', string.format('%.0f', c), 'n', string.format('%.0f', used),
  'q', string.format('%.3f', turn), 'm', marks)
if allowed == 1 and not again then redis.call('HINCRBY', KEYS[1], here, n) end
-- Who is refused does not prolong the life of the key.
if allowed == 1 or fresh then redis.call('PEXPIRE', KEYS[1], ends) end
return {allowed, math.max(0, limit - used), ends, retry, now}
