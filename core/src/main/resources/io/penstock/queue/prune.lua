-- Does:    forgets finished jobs: their records, finish records, index entries and extras.
-- KEYS:    counters, index of the state, then keys that the arguments point to
-- ARGV:    state (completed failed cancelled), bytes that the index entries say (runs of completed jobs), count of index
--          entries (else 0), entries..., then groups of a block: index of its records, index of its finishes, jobs,
--          id...; then after an empty argument the indexes of extras to drop
-- Returns: {jobs forgotten}
-- Cost:    O(jobs); runs in two commands for each block, others five commands each
-- first write: LTRIM or ZREM, which a full Redis allows
local state, count = ARGV[1], tonumber(ARGV[3])
if count > 0 then
  local head = redis.call('LRANGE', KEYS[2], 0, count - 1)
  if head[1] ~= ARGV[4] or head[count] ~= ARGV[3 + count] then return {0} end
  redis.call('LTRIM', KEYS[2], count, -1)
end
-- A block whose jobs are gone holds only its pad, and goes with it.
local function vacate(block)
  if redis.call('HLEN', block) == 1 then redis.call('HDEL', block, '') end
end
local at, gone, bytes = 4 + count, 0, tonumber(ARGV[2])
while ARGV[at] and ARGV[at] ~= '' do
  local records, finishes, jobs = KEYS[tonumber(ARGV[at])], KEYS[tonumber(ARGV[at + 1])], tonumber(ARGV[at + 2])
  if count > 0 then
    redis.call('HDEL', records, unpack(ARGV, at + 3, at + 2 + jobs))
    gone = gone + redis.call('HDEL', finishes, unpack(ARGV, at + 3, at + 2 + jobs))
  else
    for i = at + 3, at + 2 + jobs do
      if redis.call('ZREM', KEYS[2], ARGV[i]) == 1 then
        bytes = bytes + redis.call('HSTRLEN', records, ARGV[i]) + redis.call('HSTRLEN', finishes, ARGV[i])
        redis.call('HDEL', records, ARGV[i])
        redis.call('HDEL', finishes, ARGV[i])
        gone = gone + 1
      end
    end
  end
  vacate(records)
  vacate(finishes)
  at = at + 3 + jobs
end
for i = at + 1, #ARGV do redis.call('DEL', KEYS[tonumber(ARGV[i])]) end
redis.call('HINCRBY', KEYS[1], state, 0 - gone)
redis.call('HINCRBY', KEYS[1], state .. 'Bytes', 0 - bytes)
return {gone}
