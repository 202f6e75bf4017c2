-- Does:    puts a job at the end of its line, or in the inbox of the gate, for the scripts that this file is put in front of.
-- KEYS:    those of the script
-- ARGV:    those of the script
-- Returns: nothing; names a function
-- Cost:    one command
-- The digit is the first of the job's record. `lines` is where the lines of the priorities begin in KEYS. Answers how many
-- stand there now.
local function line_up(lines, inbox, digit, id)
  if tonumber(digit) > 3 then return redis.call('RPUSH', inbox, digit .. id) end
  return redis.call('RPUSH', KEYS[lines + digit], id)
end
