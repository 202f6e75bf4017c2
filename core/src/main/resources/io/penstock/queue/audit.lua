-- Does:    sets the counters to what the indexes hold, and those that only a walk can tell to what it told, if nothing was
--          counted meanwhile; declares incarnations dead that hold jobs but no lease.
-- KEYS:    counters, lines of the four priorities, delayed, active, ghosts, failed, cancelled, leases, dead, last block, blocked
-- ARGV:    last block and last incarnation that were met, "1" if all was walked, counters as they were before the walk,
--          completed, delayed, bytes, completedBytes, failedBytes, cancelledBytes as walked, "1" if it is only to look,
--          waiting as walked if the gate is used ("-": not known) or "", then numbers of incarnations
-- Returns: {counters corrected, "1" if the walked ones were set too, incarnations declared dead}
-- Cost:    O(ghosts + workers + delayed), at most some thousands, else they are left alone
local counters, ghosts, leases, dead = KEYS[1], KEYS[8], KEYS[11], KEYS[12]
local MOST = 10000
local corrected, set, write = 0, 0, ARGV[11] == ''

local function correct(field, value)
  local now = redis.call('HGET', counters, field)
  if (tonumber(now) or 0) ~= value then
    if write then redis.call('HSET', counters, field, string.format('%.0f', value)) end
    corrected = corrected + 1
  end
end

local WALKED = {'completed', 'delayed', 'bytes', 'completedBytes', 'failedBytes', 'cancelledBytes'}
if ARGV[3] == '1' then
  local now = redis.call('HMGET', counters, 'waiting', 'delayed', 'active', 'completed', 'failed', 'cancelled', 'bytes',
    'completedBytes', 'failedBytes', 'cancelledBytes', 'addedTotal', 'completedTotal', 'failedTotal', 'cancelledTotal',
    'retriedTotal')
  for i = 1, #now do now[i] = now[i] or '' end
  if table.concat(now, ' ') == ARGV[4] then
    for i = 1, #WALKED do correct(WALKED[i], tonumber(ARGV[4 + i])) end
    if tonumber(ARGV[12]) then correct('waiting', tonumber(ARGV[12])) end
    set = 1
  end
end

if ARGV[12] == '' and redis.call('HLEN', ghosts) <= MOST then
  local waiting = 0
  for p = 0, 3 do waiting = waiting + redis.call('LLEN', KEYS[2 + p]) end
  local counts = redis.call('HVALS', ghosts)
  for i = 1, #counts do waiting = waiting - counts[i] end
  correct('waiting', math.max(0, waiting))
end
if redis.call('ZCARD', KEYS[6]) * LEAF <= MOST then
  local leaves, delayed = redis.call('ZRANGE', KEYS[6], 0, -1), 0
  for i = 1, #leaves do delayed = delayed + select(2, string.gsub(leaves[i], ',', ',')) + 1 end
  correct('delayed', delayed)
end
correct('active', math.max(0, redis.call('HLEN', KEYS[7]) - redis.call('HEXISTS', KEYS[7], '')))
correct('blocked', math.max(0, redis.call('HLEN', KEYS[14]) - redis.call('HEXISTS', KEYS[14], '')))
correct('failed', redis.call('ZCARD', KEYS[9]))
correct('cancelled', redis.call('ZCARD', KEYS[10]))
-- Both counters give out names; if they were lost, names would be given out twice.
if write and tonumber(redis.call('GET', KEYS[13]) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[13], ARGV[1]) end
if write and tonumber(redis.call('HGET', counters, 'incarnations') or 0) < tonumber(ARGV[2]) then
  redis.call('HSET', counters, 'incarnations', ARGV[2])
end

local buried = 0
if #ARGV > 12 and redis.call('ZCARD', leases) + redis.call('SCARD', dead) <= MOST then
  local known = {}
  for _, tokens in ipairs({redis.call('ZRANGE', leases, 0, -1), redis.call('SMEMBERS', dead)}) do
    for i = 1, #tokens do known[string.match(tokens[i], '^[^.]*')] = true end
  end
  for i = 13, #ARGV do
    if not known[ARGV[i]] then buried = buried + (write and redis.call('SADD', dead, ARGV[i] .. '.lost') or 1) end
  end
end
return {corrected, set, buried}
