-- Does:    reads a page of the delayed jobs in order of their due time.
-- KEYS:    delayed
-- ARGV:    entry behind which the page begins or "", most entries
-- Returns: entries (9 digits of due time, priority, serial)
-- Cost:    O(entries + log jobs)
local out, most = {}, tonumber(ARGV[2])
local leaf = ARGV[1] ~= '' and leaf_of(KEYS[1], ARGV[1])
local from = leaf and '[' .. leaf or '-'
while from and #out < most do
  local leaves = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, math.ceil((most - #out) / LEAF) + 1)
  for i = 1, #leaves do
    for entry in string.gmatch(leaves[i], '[^,]+') do
      if entry > ARGV[1] and #out < most then out[#out + 1] = entry end
    end
  end
  from = leaves[1] and '(' .. leaves[#leaves]
end
return out
