# bash completion for afring-record(1)

_afring_record() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=
  COMPREPLY=()
  # bash takes -b interval:1h apart at the colon
  case $before in
    -i | --interface) words="any $(sed -n '3,$s/^ *\([^ ]*\):.*/\1/p' /proc/net/dev)" ;;
    -b | --ring-buffer) words="duration: filesize: files: interval: packets:" ;;
    -a | --autostop) words="duration: filesize: files: packets:" ;;
    --compress) words="zstd gzip none" ;;
    --time-stamp-type) words="host adapter" ;;
    --netns) words=$(command ls /run/netns 2>/dev/null) ;;
    -Z | --relinquish-privileges) words=$(compgen -u) ;;
    -w | --write | --metrics)
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    --recover)
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      return
      ;;
    -f | --filter | --trigger | -s | --snapshot-length | -c | --count | -B | --buffer-size | \
      --mode | --pre-roll | --pre-roll-size | --post-roll | --exec) return ;;
    *)
      words="--autostop --buffer-size --compress --count --exec --filter --help --interface
        --list-interfaces --make-folders --metrics --mode --netns --no-promiscuous-mode --pcap
        --pcapng --post-roll --pre-roll --pre-roll-size --quiet --recover
        --relinquish-privileges --ring-buffer --snapshot-length --thread-per-interface
        --time-stamp-type --trigger --trigger-rtp-loss --version --write"
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  [[ ${COMPREPLY[*]-} != *: ]] || compopt -o nospace 2>/dev/null || true
}

complete -F _afring_record afring-record
