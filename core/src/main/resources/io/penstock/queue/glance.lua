-- Does:    reads the headers of jobs and of how they ended, without payloads and results.
-- KEYS:    records and finishes of each block
-- ARGV:    most bytes to look at, most bytes to answer, then each job: number of its block, id
-- Returns: of each job its header and that of its end, "" = none; as many jobs as the bounds allow, at least one
-- Cost:    O(jobs + bytes of their records)
local look, reply, out = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for i = 3, #ARGV, 2 do
  if look <= 0 or reply <= 0 then break end
  local at = 2 * tonumber(ARGV[i])
  local record = redis.call('HGET', KEYS[at - 1], ARGV[i + 1]) or ''
  local finish = record ~= '' and redis.call('HGET', KEYS[at], ARGV[i + 1]) or ''
  local head = string.match(record, '^[^\n]*\n') or string.sub(record, 1, 100)
  local ended = string.match(finish, '^[^\n]*\n') or string.sub(finish, 1, 100)
  out[#out + 1] = head
  out[#out + 1] = ended
  look = look - #record - #finish
  reply = reply - #head - #ended
end
return out
