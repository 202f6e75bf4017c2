-- Does:    says whether what a running job waits for is there: a signal, or the end of a time; notes when that time ends.
-- KEYS:    leases, active, extras
-- ARGV:    lease token, incarnation number, id, "d" (signal) or "t" (sleep), name, millis to wait (0: only look), most bytes noted
-- Returns: {"lost"} | {"came", value} | {"over"} | {"wait", millis left} | {"full"}
-- Cost:    O(times noted)
-- The field d or t is a list ",name=end,name=end,"; the end of a wait for a signal that the job was told of is "-", and it
-- is told the same from then on, whatever comes.
local extras, what, name, millis = KEYS[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[2], ARGV[3]) ~= ARGV[2] then return {'lost'} end
if what == 'd' then
  local value = redis.call('HGET', extras, 'g' .. name)
  if value then return {'came', value} end
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local noted = redis.call('HGET', extras, what) or ','
local mark = ',' .. name .. '='
local _, at = string.find(noted, mark, 1, true)
if not at then
  if millis == 0 then return {'over'} end
  local more = noted .. name .. string.format('=%.0f,', now + millis)
  if #more > tonumber(ARGV[7]) then return {'full'} end
  redis.call('HSET', extras, what, more)
  redis.call('PERSIST', extras)
  return {'wait', millis}
end
local ends = string.match(noted, '^[^,]*', at + 1)
if ends == '-' then return {'over'} end
if tonumber(ends) > now then return {'wait', tonumber(ends) - now} end
if what == 'd' then
  redis.call('HSET', extras, what, string.sub(noted, 1, at) .. '-' .. string.sub(noted, at + 1 + #ends))
end
return {'over'}
