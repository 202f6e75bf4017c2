-- Does:    finds jobs of flows whose flow waits for an end that they told and that was lost, or that are not blocked though
--          their flow has not let them go; tells the end again, blocks them again.
-- KEYS:    active, blocked, ends of flow jobs, then of each job: records, finishes
-- ARGV:    "1" if it is only to look, most ends that may be walked, detail of an end that nobody knows any more, then each
--          job: serial, letter of its node (b or r), place in its flow
-- Returns: {serials of those jobs...}
-- Cost:    O(jobs + ends that wait to be heard)
local active, blocked, ends, look = KEYS[1], KEYS[2], KEYS[3], ARGV[1] ~= ''
-- A field longer than 64 bytes makes Redis keep a hash as a table; as a listpack, each look-up would walk over it.
local PAD = '-----------------------------------------------------------------'
local KIND = {c = 'completed', f = 'failed', k = 'cancelled'}
if redis.call('LLEN', ends) > tonumber(ARGV[2]) then return {} end
local told, found = {}, {}
for _, entry in ipairs(redis.call('LRANGE', ends, 0, -1)) do
  local id = string.match(entry, '^%a+ (%w+) ')
  if id then told[id] = true end
end
for i = 4, #ARGV, 3 do
  local id, at = ARGV[i], 4 + 2 * (i - 4) / 3
  local record, finish = redis.call('HEXISTS', KEYS[at], id), redis.call('HGET', KEYS[at + 1], id)
  local ended = record == 0 or finish
  if not told[id] and ended then
    found[#found + 1] = id
    if not look then
      local kind = finish and KIND[string.sub(finish, 1, 1)] or 'failed'
      redis.call('RPUSH', ends, kind .. ' ' .. id .. ' ' .. ARGV[i + 2] .. (finish and '' or '\n' .. ARGV[3]))
    end
  elseif ARGV[i + 1] == 'b' and not ended and redis.call('HEXISTS', blocked, id) == 0
    and redis.call('HEXISTS', active, id) == 0 then
    found[#found + 1] = id
    if not look then redis.call('HSET', blocked, '', PAD, id, ARGV[i + 2]) end
  end
end
return found
