-- Does:    puts the books of a flow or batch in order after keys or fields were lost: its sums are those of its nodes, each
--          node waits for as many as have not told it of their end, and what is left to do is known to those who do it.
-- KEYS:    flow, its work, nodes with something to do elsewhere, flows of this queue with work
-- ARGV:    flow, "1" if it is only to look, most nodes told
-- Returns: {faults, nodes that were lost and now count as failed, state, kind, then of each node that waits or was let go: number, its
--          letter (b or r), queue, serial}
-- Cost:    O(nodes): reads the whole flow
-- The letters and fields are those of advance.lua.
local flow, work, out, todo, look = KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[2] ~= ''
local faults, broken, answer = 0, 0, {}
-- A serial that no job has: its block is never drawn.
local LOST = '000'
local function fix(name, ...)
  faults = faults + 1
  if not look then redis.call(name, ...) end
end

local all, f = redis.call('HGETALL', flow), {}
for i = 1, #all, 2 do f[all[i]] = all[i + 1] end
if not next(f) then return {0, 0, 'gone', ''} end
local kind = string.sub(ARGV[1], 1, 1) == 'b' and 'batch' or 'flow'
if f.y ~= kind then fix('HSET', flow, 'y', kind) end
local state = f.s
if not state then
  state = f.ended and 'failed' or kind == 'batch' and 'open' or 'running'
  fix('HSET', flow, 's', state)
end
local ended = state == 'completed' or state == 'failed' or state == 'cancelled'
if state == 'building' or ended then return {faults, 0, state, kind} end

local total, main, nodes = 0, 0, {}
for field, value in pairs(f) do
  local i = tonumber(string.match(field, '^g(%d+)$'))
  if i then total = math.max(total, i + 1) end
  if i and not string.find(value, '^[^\t]*\t[^\t]*\t[^\t]*\t[UH]\t') then main = math.max(main, i + 1) end
end
total, main = math.max(total, tonumber(f.total or 0)), tonumber(f.main or main)
if not f.total then fix('HSET', flow, 'total', total) end
if not f.main then fix('HSET', flow, 'main', main) end
for i = 0, total - 1 do
  local g, n = f['g' .. i], f['n' .. i]
  if g then
    local node = {i = i, was = n}
    node.queue, node.serial, node.policy, node.dependents, node.needs =
      string.match(g, '^([^\t]*)\t([^\t]*)\t[^\t]*\t([^\t]*)\t[^\t]*\t([^\t]*)\t([^\t]*)')
    node.state, node.told, node.pending, node.fell = string.match(n or '', '^(%a)(%d)(%d+)/(%d+)$')
    node.told = node.told or '0'
    node.counted = node.policy ~= 'U' and node.policy ~= 'H'
    nodes[i] = node
  end
end

-- Of a node whose description was lost nobody knows the job any more. What stands in for it has failed, if it had not
-- ended before, so that those that need it are told and the flow ends; neighbours say which these are.
local function joined(list) return table.concat(list, ',') end
for i = 0, total - 1 do
  if not nodes[i] then
    local needs, dependents, undo = {}, {}, ''
    for j = 0, total - 1 do
      local other = nodes[j]
      if other and not other.lost then
        local mine = ',' .. i .. ','
        if string.find(',' .. (other.needs or '') .. ',', mine, 1, true) then
          if other.policy == 'U' then undo = tostring(j) else dependents[#dependents + 1] = j end
        end
        if string.find(',' .. (other.dependents or '') .. ',', mine, 1, true) then needs[#needs + 1] = j end
      end
    end
    local main_one = i < main
    local node = {i = i, was = f['n' .. i], lost = true, queue = string.match(flow, '{(.-)}'), serial = LOST, needs = joined(needs)}
    node.policy = main_one and 'F' or kind == 'batch' and 'H' or 'U'
    node.counted = main_one
    local state_now, told, pending, fell = string.match(node.was or '', '^(%a)(%d)(%d+)/(%d+)$')
    node.state, node.told, node.pending, node.fell = state_now, told or '0', pending, fell
    if not string.find('cfkKdD', state_now or ' ', 1, true) then
      node.state, node.told = main_one and 'f' or 'd', main_one and '2' or '0'
    end
    nodes[i], broken = node, broken + 1
    fix('HSET', flow, 'g' .. i, table.concat({node.queue, LOST, '', node.policy, undo, joined(dependents), node.needs,
      'lost-' .. i, 'lost'}, '\t'))
  end
end

local quiet = redis.call('EXISTS', work) == 0
local sum = {left = 0, completed = 0, failed = 0, cancelled = 0, bad = 0}
local COUNT = {c = 'completed', f = 'failed', k = 'cancelled', K = 'cancelled'}
local ELSEWHERE = {R = true, K = true, D = true, A = true, B = true}
for i = 0, total - 1 do
  local n = nodes[i]
  if n then
    local pending, fell = 0, 0
    for need in string.gmatch(n.needs or '', '%d+') do
      local other = nodes[tonumber(need)]
      if not other or other.told ~= '1' then pending = pending + 1 end
      if other and other.told == '2' then fell = fell + 1 end
    end
    -- Of a node whose state was lost its job will tell, once it was let go if it was not.
    n.state = n.state or (pending == 0 and n.counted and 'R' or 'b')
    if not quiet and n.pending then pending, fell = tonumber(n.pending), tonumber(n.fell) end
    local is = n.state .. n.told .. string.format('%.0f/%.0f', pending, fell)
    if is ~= n.was then fix('HSET', flow, 'n' .. i, is) end
    if ELSEWHERE[n.state] and redis.call('SISMEMBER', out, i) == 0 then fix('SADD', out, i) end
    if quiet and n.state == 'b' and n.counted and fell > 0 then
      fix('RPUSH', work, 'y' .. i .. ',0')
    elseif quiet and n.state == 'b' and n.counted and pending == 0 then
      fix('RPUSH', work, 'o' .. i .. ',0')
    end
    if n.counted and COUNT[n.state] then
      sum[COUNT[n.state]] = sum[COUNT[n.state]] + 1
    elseif n.counted and n.state ~= 'd' and n.state ~= 'D' then
      sum.left = sum.left + 1
    end
    if n.told == '2' then sum.bad = sum.bad + 1 end
    if (n.state == 'b' or n.state == 'r') and #answer < 4 * ARGV[3] then
      local a = #answer
      answer[a + 1], answer[a + 2], answer[a + 3], answer[a + 4] = tostring(i), n.state, n.queue, n.serial
    end
  end
end
if kind == 'flow' then
  for field, value in pairs(sum) do
    if tonumber(f[field] or 0) ~= value then fix('HSET', flow, field, string.format('%.0f', value)) end
  end
end

local stop, tally = f.x or '', tonumber(f.completed or 0) + tonumber(f.failed or 0) + tonumber(f.cancelled or 0)
local over = kind == 'flow' and sum.left == 0 and (stop ~= 'undo' or (f.undoing or '') == '')
  or kind == 'batch' and state == 'sealed' and tally >= tonumber(f.added or 0)
local busy = over or state == 'sealing' or stop == 'cancel' and kind == 'batch' or redis.call('EXISTS', work, out) > 0
if busy and redis.call('SISMEMBER', todo, ARGV[1]) == 0 then fix('SADD', todo, ARGV[1]) end
return {faults, broken, state, kind, unpack(answer)}
