# probe.zsh SCRIPT (LINE WANTED)...: types each line and Tab into an interactive zsh, and waits for what it makes of it
zmodload zsh/zpty || { print "no zpty"; exit 1; }
zpty -b z zsh -f -i
script=$1
shift
await() { # text, seconds
  local chunk
  local -i until=$((SECONDS + $2))
  while (( SECONDS < until )); do
    if zpty -r -t z chunk; then out+=$chunk; else sleep 0.02; fi
    [[ ${out//$'\r'/} == *"$1"* ]] && return 0
  done
  return 1
}
out=
zpty -w z "PS1=; TERM=dumb; unset zle_bracketed_paste; bindkey -e; bindkey '^I' complete-word; source $script; print REA''DY"
await READY 60 || { print -r -- "no start: $out"; exit 1; }
integer turn=0
for line wanted in "$@"; do
  out=
  zpty -w -n z "$line"$'\t'
  await "$wanted" 30 && print -r -- "$line -> $wanted" || print -r -- "$line -> ${(q+)out} and not $wanted"
  (( turn++ ))
  out=
  zpty -w -n z $'\x15print TU""RN'"$turn"$'\n'
  await "TURN$turn" 30 || { print -r -- "stuck: ${(q+)out}"; exit 1; }
done
zpty -d z
