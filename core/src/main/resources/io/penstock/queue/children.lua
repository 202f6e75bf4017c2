-- Does:    reads the nodes that a node of a flow needs, with how they ended.
-- KEYS:    flow
-- ARGV:    node
-- Returns: {part of each: fixed fields, state, result or error or nil}
-- Cost:    O(children)
local fixed = redis.call('HGET', KEYS[1], 'g' .. ARGV[1])
if not fixed then return {} end
local needs = string.match(fixed, '^[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t([^\t]*)')
local out = {}
for child in string.gmatch(needs, '%d+') do
  local part = redis.call('HMGET', KEYS[1], 'g' .. child, 'n' .. child, 'r' .. child)
  for i = 1, 3 do out[#out + 1] = part[i] end
end
return out
