# Does   becomes the server (same pid, so the parent can wait for it and signal it) and leaves a guard behind that
#        ends the server when the parent is gone, even by kill -9: the parent's end of the pipe on stdin then closes.
# Args   pid file, directory to remove after the parent's death, executable, redis.conf
# Stdin  end of file = the parent is dead; a line = the parent lives and ends the server itself.
# Plain POSIX sh; the guard sleeps in read(2). Not pdeathsig: that one fires when the *thread* that forked ends.
umask 077
echo $$ >"$1"
exec 3<&0 </dev/null
(
  trap '' HUP INT QUIT TERM
  exec >/dev/null 2>&1
  # The guard is the server's child, so a changed parent means that the server is gone and its pid may be anybody's.
  served() {
    if [ -r /proc/self/stat ]; then
      read -r pid name state parent rest </proc/self/stat && [ "$parent" = $$ ]
    else
      kill -0 $$
    fi
  }
  if read -r line <&3 || ! served; then exit 0; fi
  kill -TERM $$ # flushes the append-only file
  seconds=0
  while served && [ $seconds -lt 10 ]; do
    sleep 1
    seconds=$((seconds + 1))
  done
  if served; then kill -KILL $$; fi
  rm -rf "$2"
) &
exec "$3" "$4" 3<&-
