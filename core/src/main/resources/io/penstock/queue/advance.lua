-- Does:    moves a flow or batch on: what its jobs have told, what was done for it elsewhere, what an operator wants; then
--          lets go what became ready here, and says what is to be done elsewhere. Ends carry numbers that grow, and each
--          counts once; all else is done to nodes in a certain state, so sending it again changes nothing.
-- KEYS:    flow, its work, nodes with something to do elsewhere, undos in the order to run, flows of this queue with work,
--          counters, delayed, lines of the four priorities, blocked, inbox of the gate, then record blocks
-- ARGV:    flow, its queue, wake channel, wish ("" start cancel retry join seal close), node
--          of the wish (of join: a queue whose jobs are added) or "", nodes that may be
--          touched, millis that an ended flow is kept, count of record blocks, count of things done, queue of the ends, then names of the
--          blocks; then things done: node, letter of its state then, "1" if it worked; then ends: number, kind, node or "",
--          serial (or count), detail
-- Returns: {state, "1" if more is to be done here, "1" if a batch wants all its jobs cancelled, then each thing to be done elsewhere: node, letter, queue, serial, due}
--          | {"gone"}
-- Cost:    O(ends + nodes touched)
-- A node is n<i> = letter, told (0, 1 = told as done, 2 = told as failed), count of nodes it still waits for, "/", how many of
-- these have failed; letters: b blocked, R to be let go, r let go,
-- c completed, f failed, k cancelled, K to be cancelled, D to be dropped, d dropped, A to be run again, B to be blocked again.
-- Its fixed part g<i> has between tabs: queue, serial, due, policy (F fail I ignore C continue S undo all; U is an undo, H a
-- hook of a batch), its undo, dependents, needs, name, type.
-- Work is verb node,offset: o open a root, d tell dependents, p cancel dependents, x stop all from here on, y stop one and
-- what needs it, a run again all from here on, w run again one and what needs it, z drop undos from here on.
-- first write: SREM, which a full Redis allows
local flow, work, out, undos, todo, blocked = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[12]
local key, home, wish, budget = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[6])
local RESULT_BYTES = 262144

redis.call('SREM', todo, key)
local v = redis.call('HMGET', flow, 's', 'y', 'x', 'bad', 'left', 'completed', 'failed', 'cancelled', 'bytes', 'main', 'total', 'added', 'undoing')
local state, kind, stop = v[1], v[2], v[3] or ''
if not state then return {'gone'} end
local sum = {bad = tonumber(v[4] or 0), left = tonumber(v[5] or 0), completed = tonumber(v[6] or 0), failed = tonumber(v[7] or 0),
  cancelled = tonumber(v[8] or 0), bytes = tonumber(v[9] or 0), added = tonumber(v[12] or 0)}
local main, total, undoing = tonumber(v[10]), tonumber(v[11]), v[13] or ''
if state == 'building' then
  if wish ~= 'start' then return {state, '0', ''} end
  state = kind == 'batch' and 'open' or 'running'
  redis.call('PERSIST', flow)
  redis.call('PERSIST', work)
end

local blocks, at = {}, 11
for i = 1, tonumber(ARGV[8]) do
  blocks[ARGV[at]] = KEYS[13 + i]
  at = at + 1
end

local nodes, touched = {}, {}
local function node(i)
  local n = nodes[i]
  if n then return n end
  local both = redis.call('HMGET', flow, 'n' .. i, 'g' .. i)
  if not both[1] or not both[2] then return nil end
  local letter, told, pending, fell = string.match(both[1], '^(%a)(%d)(%d+)/(%d+)$')
  n = {i = i, state = letter, told = told, pending = tonumber(pending), fell = tonumber(fell)}
  n.queue, n.serial, n.due, n.policy, n.undo, n.dependents =
    string.match(both[2], '^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)')
  nodes[i], touched[#touched + 1] = n, n
  budget = budget - 1
  return n
end

local queued, next_of = {}, 1
local function later(verb, i, offset)
  queued[#queued + 1] = verb .. i .. ',' .. (offset or 0)
end

local LETTER = {completed = 'c', failed = 'f', cancelled = 'k'}
local COUNT_OF = {completed = true, failed = true, cancelled = true}
local COUNT = {c = 'completed', f = 'failed', k = 'cancelled'}
local function counted(n) return n.policy ~= 'U' and n.policy ~= 'H' end

local function elsewhere(n, letter)
  n.state = letter
  redis.call('SADD', out, n.i)
end

-- The job of this node has ended or will never run; `letter` c f k, or K if its job must still be told.
local function ends(n, letter)
  n.state = letter
  if not counted(n) then return end
  sum.left = sum.left - 1
  local what = COUNT[letter] or 'cancelled'
  sum[what] = sum[what] + 1
end

local function cancel_blocked(n)
  ends(n, 'K')
  redis.call('SADD', out, n.i)
end

local function ready(n)
  if stop ~= '' and counted(n) then
    return cancel_blocked(n)
  end
  local records = n.queue == home and blocks[string.sub(n.serial, 1, -3)]
  if records then
    release(blocked, records, 8, n.serial, n.due)
    n.state = 'r'
  else
    elsewhere(n, 'R')
  end
end

local function next_undo()
  local i = redis.call('LPOP', undos)
  while i do
    local n = node(i)
    if n and n.state == 'b' then
      ready(n)
      return i
    end
    i = redis.call('LPOP', undos)
  end
  return ''
end

-- What the end of a node means for those that need it; said once, and taken back when it is started again.
local function tell(n)
  if n.state == 'c' or n.policy == 'I' or n.policy == 'C' then
    if n.told == '0' then
      n.told = '1'
      later('d', n.i)
    end
    if n.state == 'c' and n.undo ~= '' then redis.call('LPUSH', undos, n.undo) end
    return
  end
  if n.told == '2' then return end
  n.told = '2'
  sum.bad = sum.bad + 1
  later('p', n.i)
  if n.policy == 'S' and stop == '' then
    stop = 'undo'
    later('x', 0)
  end
end

-- Starts a node again that failed or was cancelled; `running` if its job already does.
local function again(n, running)
  if not counted(n) or n.state ~= 'f' and n.state ~= 'k' and n.state ~= 'K' then return false end
  local what = COUNT[n.state] or 'cancelled'
  sum[what] = sum[what] - 1
  sum.left = sum.left + 1
  if n.told == '2' then
    n.told = '0'
    sum.bad = sum.bad - 1
    later('w', n.i, 1)
  end
  redis.call('HDEL', flow, 'r' .. n.i)
  if running then n.state = 'r' else elsewhere(n, n.pending == 0 and 'A' or 'B') end
  return true
end

local function revive()
  state, stop = 'running', ''
  redis.call('HDEL', flow, 'ended')
  for i = 1, 4 do redis.call('PERSIST', KEYS[i]) end
end

local function done(i, letter, worked)
  local n = node(i)
  if not n or n.state ~= letter then return end
  redis.call('SREM', out, i)
  if letter == 'R' then
    n.state = 'r'
  elseif letter == 'K' then
    n.state = 'k'
  elseif letter == 'D' then
    n.state = 'd'
  elseif letter == 'A' then
    if worked then
      n.state = 'r'
    else
      ends(n, 'k')
      tell(n)
    end
  elseif letter == 'B' then
    if not worked then
      ends(n, 'k')
      tell(n)
    else
      n.state = 'b'
      if n.pending == 0 then ready(n) end
    end
  end
end

local function keep(i, detail)
  if detail == '' then return end
  if sum.bytes + #detail > RESULT_BYTES then return end
  sum.bytes = sum.bytes + #detail
  redis.call('HSET', flow, 'r' .. i, detail)
end

local function heard(what, i, serial, detail)
  if i == '' then
    if what == 'added' then
      sum.added = sum.added + serial
    elseif what == 'waiting' then
      sum[detail] = sum[detail] - 1
      if COUNT_OF[state] then
        state = 'sealed'
        redis.call('PERSIST', flow)
      end
    else
      sum[what] = sum[what] + 1
    end
    return
  end
  local n = node(i)
  if not n or n.serial ~= serial then return end
  if what == 'waiting' then
    if n.state == 'A' then
      n.state = 'r'
      redis.call('SREM', out, i)
    elseif stop ~= 'undo' and again(n, true) then
      if state ~= 'running' then revive() end
    end
    return
  end
  if COUNT[n.state] or n.state == 'K' or n.state == 'D' or n.state == 'd' then return end
  redis.call('SREM', out, i)
  keep(i, detail)
  ends(n, LETTER[what])
  if i == undoing then
    undoing = ''
  elseif counted(n) then
    tell(n)
  end
end

local function each_dependent(verb, n, offset, does)
  for from, i in string.gmatch(string.sub(n.dependents, offset + 1), '()(%d+)') do
    if budget <= 0 then return later(verb, n.i, offset + from - 1) end
    budget = budget - 1
    local other = node(i)
    if other then does(other) end
  end
end

local function each_node(verb, from, last, does)
  for i = from, last - 1 do
    if budget <= 0 then return later(verb, i) end
    local n = node(tostring(i))
    if n then does(n) end
  end
end

local function stop_one(n)
  if n.state == 'b' or n.state == 'R' then
    cancel_blocked(n)
  elseif n.state == 'r' then
    redis.call('SADD', out, n.i)
  elseif n.state == 'B' or n.state == 'A' then
    cancel_blocked(n)
  end
end

local VERBS = {
  o = function(i)
    local n = node(i)
    if n and n.state == 'b' and n.pending == 0 and n.policy ~= 'U' then ready(n) end
  end,
  d = function(i, offset)
    each_dependent('d', node(i), offset, function(n)
      n.pending = n.pending - 1
      if n.pending == 0 and n.state == 'b' then ready(n) end
    end)
  end,
  p = function(i, offset)
    each_dependent('p', node(i), offset, function(n)
      n.fell = n.fell + 1
      if n.state == 'b' or n.state == 'B' then
        cancel_blocked(n)
        tell(n)
      end
    end)
  end,
  x = function(i)
    each_node('x', tonumber(i), main, function(n)
      -- What may run already is undone when it has ended.
      if stop == 'cancel' or n.state ~= 'r' and n.state ~= 'R' then stop_one(n) end
    end)
  end,
  y = function(i)
    local n = node(i)
    if not n then return end
    stop_one(n)
    if n.state == 'K' then tell(n) end
  end,
  a = function(i)
    each_node('a', tonumber(i), main, function(n)
      if n.fell == 0 then again(n) end
    end)
  end,
  w = function(i, offset)
    local n = node(i)
    if not n then return end
    if offset == 0 then return again(n) end
    each_dependent('w', n, offset - 1, function(other)
      other.fell = other.fell - 1
      if other.fell == 0 then again(other) end
    end)
  end,
  z = function(i)
    each_node('z', tonumber(i), total, function(n)
      if n.state == 'b' then elsewhere(n, 'D') end
    end)
  end,
}

local function wished()
  if wish == 'cancel' and ARGV[5] == '' and kind == 'flow' and state == 'running' and stop == '' then
    stop = 'cancel'
    later('x', 0)
  elseif wish == 'cancel' and ARGV[5] ~= '' and state == 'running' then
    later('y', ARGV[5])
  elseif wish == 'cancel' and kind == 'batch' and (state == 'open' or state == 'sealing' or state == 'sealed') then
    if stop == '' then stop = 'cancel' end
    if state == 'open' then state = 'sealing' end
  elseif wish == 'retry' and kind == 'flow' and stop ~= 'undo' then
    if state == 'failed' or state == 'cancelled' then revive() end
    if state == 'running' then later(ARGV[5] == '' and 'a' or 'w', ARGV[5] == '' and 0 or ARGV[5]) end
  elseif wish == 'join' and state == 'open' then
    redis.call('HSETNX', flow, 'q:' .. ARGV[5], '-1')
  elseif wish == 'seal' and state == 'open' then
    state = 'sealing'
  elseif wish == 'close' then
    if stop == 'cancel' then stop = 'stopped' end
    if state == 'sealing' then state = 'sealed' end
  end
end

-- What ends with it: the flow's own state, its hooks or undos, and how long it is kept.
local function over()
  if kind == 'flow' and state == 'running' and sum.left == 0 then
    if stop == 'undo' then
      if undoing == '' then undoing = next_undo() end
      if undoing ~= '' then return end
    end
    state = stop == 'cancel' and sum.cancelled > 0 and 'cancelled' or sum.bad > 0 and 'failed' or 'completed'
    -- Of a flow that may be run again the undos stay.
    if total > main and (stop == 'undo' or state == 'completed') then later('z', main) end
  elseif kind == 'batch' and state == 'sealed' and sum.completed + sum.failed + sum.cancelled >= sum.added then
    state = stop ~= '' and sum.cancelled > 0 and 'cancelled' or sum.failed + sum.cancelled > 0 and 'failed' or 'completed'
    for i = 0, total - 1 do
      local n = node(tostring(i))
      -- A batch whose jobs ran again ends again; its hooks run once.
      if n and n.state == 'b' then
        if n.due == '*' or (n.due == '+') == (state == 'completed') then
          n.due = ''
          ready(n)
        else
          elsewhere(n, 'D')
        end
      end
    end
  else
    return
  end
  redis.call('HSET', flow, 'ended', string.format('%.0f', millis_now()))
end

local function run_work()
  while budget > 0 do
    local entry = queued[next_of]
    if entry then
      next_of = next_of + 1
    else
      entry = redis.call('LPOP', work)
      if not entry then break end
    end
    local verb, i, offset = string.match(entry, '^(%a)(%d+),(%d+)$')
    VERBS[verb](i, tonumber(offset))
  end
end

if kind == 'flow' or kind == 'batch' then wished() end
for _ = 1, tonumber(ARGV[9]) do
  done(ARGV[at], ARGV[at + 1], ARGV[at + 2] == '1')
  at = at + 3
end
if ARGV[at] then
  local source = 'q:' .. ARGV[10]
  local last = tonumber(redis.call('HGET', flow, source) or -1)
  for i = at, #ARGV, 5 do
    local number = tonumber(ARGV[i])
    if number > last then
      heard(ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
      last = number
    end
  end
  redis.call('HSET', flow, source, string.format('%.0f', last))
end
run_work()
if next_of > #queued and redis.call('EXISTS', work) == 0 then
  over()
  run_work()
end

for i = next_of, #queued do redis.call('RPUSH', work, queued[i]) end
local fields = {'s', state, 'x', stop, 'undoing', undoing}
for name, value in pairs(sum) do
  fields[#fields + 1], fields[#fields + 2] = name, string.format('%.0f', value)
end
for i = 1, #touched do
  local n = touched[i]
  fields[#fields + 1], fields[#fields + 2] = 'n' .. n.i, n.state .. n.told .. string.format('%.0f/%.0f', n.pending, n.fell)
end
for i = 1, #fields, 400 do redis.call('HSET', flow, unpack(fields, i, math.min(#fields, i + 399))) end
released(KEYS[6], KEYS[7], blocked, ARGV[3])

if state ~= v[1] then
  local prefix = string.sub(KEYS[6], 1, -2)
  if redis.call('EXISTS', prefix .. 'v') == 1 then redis.call('PUBLISH', prefix .. 'events', 'flow ' .. key .. ' ' .. state) end
end
local more = redis.call('EXISTS', work) == 1
local walk = stop == 'cancel' and kind == 'batch'
local answer = {state, more and '1' or '0', walk and '1' or ''}
local acts = redis.call('SRANDMEMBER', out, 100)
for i = 1, #acts do
  local n = node(acts[i])
  if n then
    local c = #answer
    answer[c + 1], answer[c + 2], answer[c + 3], answer[c + 4], answer[c + 5] = n.i, n.state, n.queue, n.serial, n.due
  end
end
local busy = more or #acts > 0 or state == 'sealing' or walk
if busy then
  redis.call('SADD', todo, key)
elseif COUNT_OF[state] then
  for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], ARGV[7]) end
end
return answer
