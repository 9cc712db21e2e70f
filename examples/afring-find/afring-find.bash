# bash completion for afring-find(1)

_afring_find() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  case $before in
    -r | --read | -w | --write | --index | --verify | --append)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --from | --to) return ;;
    *)
      words="--append --count --flows --follow --from --help --index --json --list --no-index
        --quiet --read --to --trust-order --verify --version --write"
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _afring_find afring-find
