-- Does:    gives a worker incarnation a number of its own and a lease.
-- KEYS:    counters, leases
-- ARGV:    nonce, lease millis
-- Returns: the number, in base 32
-- Cost:    O(log workers)
-- first write: ZREM of nothing, which a full Redis allows: a worker that starts then may drain it
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREM', KEYS[2], '')
local n = redis.call('HINCRBY', KEYS[1], 'incarnations', 1)
local digits, number = '0123456789abcdefghijklmnopqrstuv', ''
while n > 0 do
  local low = n % 32
  number = string.sub(digits, low + 1, low + 1) .. number
  n = (n - low) / 32
end
redis.call('ZADD', KEYS[2], string.format('%.0f', now + ARGV[2]), number .. '.' .. ARGV[1])
return number
