package io.penstock.cli.completion;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;

/** Scripts that complete commands, options and their values; names of queues are asked of the server, twice a minute at most. */
public final class Completion {
    private static final String LIST = "queue list -o csv --limit 500 --timeout 2s";

    private Completion() {}

    /** Returns a script for bash 3.2 and later. */
    public static String bash(CommandLine root) {
        List<Words> all = Words.of(root);
        StringBuilder script = new StringBuilder("""
                # bash completion for penstock: source <(penstock completion bash)
                _penstock_queues() {
                  if [ -z "${_PENSTOCK_AT:-}" ] || [ $((SECONDS - _PENSTOCK_AT)) -gt 30 ]; then
                    _PENSTOCK_QUEUES=$("${COMP_WORDS[0]}" %s 2>/dev/null | sed -n '2,$s/,.*//p')
                    _PENSTOCK_AT=$SECONDS
                  fi
                }
                _penstock() {
                  local cur="${COMP_WORDS[COMP_CWORD]}" prev="" at="" key="" list="" flags="" i
                  COMPREPLY=()
                  for ((i = 1; i < COMP_CWORD; i++)); do
                    prev="${COMP_WORDS[i]}"
                    key="${at:+$at }$prev"
                    case "$key" in
                      %s) at="$key" ;;
                    esac
                  done
                  case "$prev" in
                """.formatted(LIST, paths(all)));
        script.append("    -o) list='").append(Words.VALUES.get("--output")).append("' ;;\n");
        Words.VALUES.forEach((option, values) -> script.append("    ")
                .append(option)
                .append(") list='")
                .append(values)
                .append("' ;;\n"));
        script.append("    --queue) _penstock_queues; list=\"$_PENSTOCK_QUEUES\" ;;\n");
        String files = all.stream()
                .flatMap(words -> words.files().stream())
                .distinct()
                .sorted()
                .collect(Collectors.joining("|"));
        script.append("    ").append(files).append(") COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
        script.append("  esac\n  if [ -z \"$list\" ]; then\n    case \"$at\" in\n");
        for (Words words : all) {
            script.append("      '").append(words.path()).append("') ");
            if (words.queues()) {
                script.append("case \"$cur\" in -*) ;; *) _penstock_queues; list=\"$_PENSTOCK_QUEUES\" ;; esac; ");
            } else {
                script.append("list='")
                        .append(String.join(" ", words.commands().keySet()))
                        .append("'; ");
            }
            script.append("flags='")
                    .append(String.join(" ", words.options().keySet()))
                    .append("' ;;\n");
        }
        return script + """
                    esac
                  fi
                  case "$cur" in
                    -*) list="$flags" ;;
                  esac
                  COMPREPLY=($(compgen -W "$list" -- "$cur"))
                }
                complete -o default -F _penstock penstock ./penstock
                """;
    }

    /** Returns a script for zsh, which runs that of bash. */
    public static String zsh(CommandLine root) {
        return "# zsh completion for penstock: source <(penstock completion zsh)\n"
                + "(( $+functions[compdef] )) || { autoload -U +X compinit && compinit; }\n"
                + "autoload -U +X bashcompinit && bashcompinit\n" + bash(root);
    }

    /** Returns a script for fish 3. */
    public static String fish(CommandLine root) {
        List<Words> all = Words.of(root);
        String paths = all.stream()
                .filter(words -> !words.path().isEmpty())
                .map(words -> "'" + words.path() + "'")
                .collect(Collectors.joining(" "));
        StringBuilder script = new StringBuilder("""
                # fish completion for penstock: penstock completion fish | source
                set -g __penstock_paths %s
                function __penstock_at
                  set -l at ''
                  for word in (commandline -opc)[2..-1]
                    set -l key (string trim -- "$at $word")
                    contains -- "$key" $__penstock_paths; and set at "$key"
                  end
                  test "$at" = "$argv[1]"
                end
                function __penstock_queues
                  set -l now (date +%%s)
                  if not set -q __penstock_asked; or test (math $now - $__penstock_asked) -gt 30
                    set -g __penstock_names (penstock %s 2>/dev/null | string replace -r ',.*' '')[2..-1]
                    set -g __penstock_asked $now
                  end
                  printf '%%s\\n' $__penstock_names
                end
                complete -c penstock -f
                """.formatted(paths, LIST));
        all.forEach(words -> fish(script, words));
        return script.toString();
    }

    private static void fish(StringBuilder script, Words words) {
        String here = "complete -c penstock -n \"__penstock_at '" + words.path() + "'\" ";
        words.commands()
                .forEach((name, what) -> script.append(here)
                        .append("-a ")
                        .append(name)
                        .append(" -d '")
                        .append(what)
                        .append("'\n"));
        if (words.queues()) {
            script.append(here).append("-a '(__penstock_queues)'\n");
        }
        for (Map.Entry<String, String> option : words.options().entrySet()) {
            script.append(here).append("-l ").append(option.getKey().substring(2));
            String letter = words.shorts().get(option.getKey());
            script.append(letter == null ? "" : " -s " + letter);
            String values = Words.VALUES.get(option.getKey());
            if (option.getKey().equals(Words.QUEUE)) {
                script.append(" -x -a '(__penstock_queues)'");
            } else if (values != null) {
                script.append(" -x -a '").append(values).append("'");
            } else if (words.files().contains(option.getKey())) {
                script.append(" -r -F");
            }
            script.append(" -d '").append(option.getValue()).append("'\n");
        }
    }

    private static String paths(List<Words> all) {
        return all.stream()
                .filter(words -> !words.path().isEmpty())
                .map(words -> "'" + words.path() + "'")
                .collect(Collectors.joining("|"));
    }
}
