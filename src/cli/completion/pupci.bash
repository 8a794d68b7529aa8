# SPDX-License-Identifier: BSD-2-Clause
# bash completion of pupci(1): commands and options as the command itself knows them.

_pupci_options() {
	"$1" "${@:2}" --help 2>/dev/null | grep -oE -- '(^|[ ,])--?[a-zA-Z][a-z-]*' | tr -d ' ,' | sort -u
}

# After a colon more follows, so no space.
_pupci_more() {
	[[ ${COMPREPLY[*]} != *: ]] || compopt -o nospace 2>/dev/null
}

_pupci() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		# What stands after -- is QEMU's.
		[[ ${COMP_WORDS[i]} != -- ]] || return 0
	done
	if ((COMP_CWORD == 1)) || { ((COMP_CWORD == 2)) && [[ $command == help ]]; }; then
		local commands
		commands=$("$program" --help 2>/dev/null | sed -n '/^Subcommands:/,$s/^  \([a-z]*\) .*/\1/p')
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
		return 0
	fi
	case $previous in
	--host)
		mapfile -t COMPREPLY < <(compgen -W 'qemu sim: vfio: netbsd:' -- "$current")
		_pupci_more
		return 0
		;;
	--display)
		mapfile -t COMPREPLY < <(compgen -W 'vnc: png:' -- "$current")
		_pupci_more
		return 0
		;;
	--user)
		mapfile -t COMPREPLY < <(compgen -u -- "$current")
		return 0
		;;
	--leaks)
		mapfile -t COMPREPLY < <(compgen -W 'warn error' -- "$current")
		return 0
		;;
	-I | --idirafter | --keep)
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return 0
		;;
	esac
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_pupci_options "$program" "$command")" -- "$current")
		return 0
	fi
	case $command in
	bind | unbind)
		# To bash a colon ends a word: it wants what follows the last one of what was typed.
		local typed=${COMP_LINE:0:COMP_POINT} addresses
		typed=${typed##* }
		addresses=$(cd /sys/bus/pci/devices 2>/dev/null && printf '%s\n' *)
		mapfile -t COMPREPLY < <(compgen -W "$addresses" -- "$typed")
		[[ $typed != *:* ]] || COMPREPLY=("${COMPREPLY[@]#"${typed%:*}:"}")
		;;
	build | run) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
	esac
}

complete -o filenames -F _pupci pupci
