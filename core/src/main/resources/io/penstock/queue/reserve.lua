-- Does:    gives a producer blocks of serials and marks them as its own; a block without the producer's mark is not added
--          to. So a call that arrives long after its retry adds nothing, and when Redis has lost its last writes and
--          gives a block out again, the first holder finds out before it writes over the second one's jobs.
-- KEYS:    counter of blocks, marks
-- ARGV:    nonce of the producer (8 characters), number of blocks
-- Returns: {number of the last block}
-- Cost:    O(blocks)
local last = redis.call('INCRBY', KEYS[1], ARGV[2])
local digits = '0123456789abcdefghijklmnopqrstuv'
-- Producers that died leave their marks; so far behind, they belong to nobody that would still send.
local FAR = 4096

local function name(n)
  local text = ''
  while n > 0 do
    local low = n % 32
    text = string.sub(digits, low + 1, low + 1) .. text
    n = (n - low) / 32
  end
  return text
end

for n = last - ARGV[2] + 1, last do
  redis.call('HSETNX', KEYS[2], name(n), ARGV[1])
  if n > FAR then redis.call('HDEL', KEYS[2], name(n - FAR)) end
end
return {last}
