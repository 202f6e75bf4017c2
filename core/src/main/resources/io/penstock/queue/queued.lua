-- Does:    reads a page of the jobs that wait at the gate.
-- KEYS:    settings
-- ARGV:    where: i (inbox) r (ring) h (held) k (keys); rank of the group or key there; place in its lines; most jobs
-- Returns: {where, rank and place of the next page; "" = there is none, then digit and serial of each job}
-- Cost:    O(jobs + groups)
local where, rank, place, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local out = {'', 0, 0}
local function full() return #out - 3 >= most end

-- Adds what these lines hold behind the place, as if they were one; if the page is full, the place of the next one is kept.
local function add(lines, digits)
  local before = 0
  for i = 1, #lines do
    if full() then return end
    local size = redis.call('LLEN', lines[i])
    local skip = math.max(0, place - before)
    local here = skip < size and redis.call('LRANGE', lines[i], skip, skip + most - (#out - 3) - 1) or {}
    for n = 1, #here do
      local id = string.match(here[n], '^%w+')
      if lines[i] == INBOX then id = string.byte(id) % 4 + 4 .. string.sub(id, 2) end
      out[#out + 1] = digits[i] .. id
    end
    if full() then place = before + skip + #here end
    before = before + size
  end
end

local NEXT = {i = 'r', r = 'h', h = 'k', k = ''}
while where ~= '' and not full() do
  local last = true
  if where == 'i' then
    add({INBOX}, {''})
  else
    local names = redis.call('ZRANGE', where == 'r' and RING or where == 'h' and HELD or PARKED, rank, rank + most - 1)
    last = #names < most
    for i = 1, #names do
      if where == 'k' then
        add({queue .. 'zk:' .. names[i]}, {''})
      else
        add({line_of(0, names[i]), line_of(1, names[i]), line_of(2, names[i]), line_of(3, names[i])}, {4, 5, 6, 7})
      end
      if full() then break end
      place, rank = 0, rank + 1
    end
  end
  if last and not full() then where, rank, place = NEXT[where], 0, 0 end
end
out[1], out[2], out[3] = where, rank, place
return out
