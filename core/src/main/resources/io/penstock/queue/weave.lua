-- Does:    writes a part of a flow that is being built, or begins one. What is built and never started goes by itself.
-- KEYS:    flow, its work
-- ARGV:    "begin" or "", millis until it goes, count of fields and values, then those; then roots (numbers of nodes)
-- Returns: "done" | "gone" (it took too long to build, and is no more) | "started"
-- Cost:    O(fields)
local state = redis.call('HGET', KEYS[1], 's')
if ARGV[1] == '' and not state then return 'gone' end
if state and state ~= 'building' then return 'started' end
local count = tonumber(ARGV[3])
for i = 4, 3 + count, 200 do redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(3 + count, i + 199))) end
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], 's', 'building', 'at', string.format('%.0f', redis.call('TIME')[1] * 1000))
end
for i = 4 + count, #ARGV do redis.call('RPUSH', KEYS[2], 'o' .. ARGV[i] .. ',0') end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if #ARGV > 3 + count then redis.call('PEXPIRE', KEYS[2], ARGV[2]) end
return 'done'
