-- Does:    changes the settings of a queue, if they are still what the caller saw.
-- KEYS:    settings
-- ARGV:    "1" if they must be what the caller saw, then of each setting: field, what it was, what it is when the field is
--          absent, what it shall be or "" (absent)
-- Returns: "done" | "changed"
-- Cost:    O(settings)
if ARGV[1] == '1' then
  for i = 2, #ARGV, 4 do
    if (redis.call('HGET', KEYS[1], ARGV[i]) or ARGV[i + 2]) ~= ARGV[i + 1] then return 'changed' end
  end
end
for i = 2, #ARGV, 4 do
  if ARGV[i + 3] == '' then
    redis.call('HDEL', KEYS[1], ARGV[i])
  else
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 3])
  end
end
return 'done'
