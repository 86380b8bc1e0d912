/** `postern completion SHELL`: commands and long options, read from the program itself. */
import type { Command } from "commander";
import { topics } from "../pages.ts";

export function completion(shell: "bash" | "zsh" | "fish", program: Command): string {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options
      .map(({ long, description }) => ({ long: long ?? "", description }))
      .filter(({ long }) => long !== ""),
  }));
  const names = commands.map(({ name }) => name).join(" ");
  switch (shell) {
    case "bash":
      return `_postern() {
  local word=\${COMP_WORDS[COMP_CWORD]} options=
  if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "${names}" -- "$word")); return; fi
  case \${COMP_WORDS[1]} in
${commands.map(({ name, options }) => `    ${name}) options="${options.map(({ long }) => long).join(" ")}" ;;`).join("\n")}
  esac
  case \${COMP_WORDS[COMP_CWORD-1]} in
    --family) COMPREPLY=($(compgen -W "ipv4 ipv6" -- "$word")); return ;;
    --backend) COMPREPLY=($(compgen -W "legacy nft" -- "$word")); return ;;
    completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")); return ;;
    help) COMPREPLY=($(compgen -W "${names} ${topics().join(" ")}" -- "$word")); return ;;
  esac
  # Without a word of ours, bash completes files, with their blanks and quotes.
  case $word in -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;; *) COMPREPLY=() ;; esac
}
complete -o default -F _postern postern
`;
    case "zsh":
      return `#compdef postern
_postern() {
  if (( CURRENT == 2 )); then
    local -a commands=(${commands.map(({ name, description }) => quote(`${name}:${description}`)).join(" ")})
    _describe command commands; return
  fi
  case $words[2] in
${commands.map(({ name, options }) => `    ${name}) _arguments ${options.map(({ long, description }) => quote(`${long}[${description.replace(/[[\]]/g, "")}]`)).join(" ")} '*:file:_files' ;;`).join("\n")}
  esac
}
compdef _postern postern
`;
    case "fish":
      return `${commands
        .flatMap(({ name, description, options }) => [
          `complete -c postern -n __fish_use_subcommand -a ${name} -d ${quote(description)}`,
          ...options.map(
            ({ long, description: what }) =>
              `complete -c postern -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)} -d ${quote(what)}`,
          ),
        ])
        .join("\n")}\n`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
