#!/usr/bin/env bash
# Whether the guest's rig tells the truth: about commands that fail, hang, or take the guest down.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pupci-rig.XXXXXX")
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	echo "rig_test: $*" >&2
	failures=$((failures + 1))
}

# guest STATUS OPTION...: its output is in $work/out, its errors in $work/err.
guest() {
	local expected=$1 status=0
	shift
	"$here/run" "$@" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" -eq "$expected" ] && return
	fail "run $*: status $status, not $expected"
	sed 's/^/  | /' "$work/out" "$work/err" >&2
}

says() {
	grep -qF -- "$2" "$work/$1" || {
		fail "\"$2\" is not in its $1:"
		sed 's/^/  | /' "$work/$1" >&2
	}
}

# Everything that one boot can show.
cat >"$work/inside" <<'END'
#!/bin/sh
echo "words: $1, $2; $GREETING"
echo "to the other one" >&2
echo "user: $(id -un)"
echo "node: $(stat -c %U /dev/vfio/[0-9]*)"
cat "$3"
head -c 3000000 /dev/zero >/artifacts/zeros
mkdir /artifacts/folder && echo kept >/artifacts/folder/note
exit 7
END
chmod +x "$work/inside"
echo "a file from outside" >"$work/note"
guest 7 --device edu,addr=2 --vfio 0000:00:02.0 --user --env "GREETING=it's \$HOME" \
	--file "$work/note" --artifacts "$work/artifacts" -- "$work/inside" 'two words' "don't" "$work/note"
says out "words: two words, don't; it's \$HOME"
says out "to the other one"
says out "user: pupci"
says out "node: pupci"
says out "a file from outside"
[ "$(stat -c %s "$work/artifacts/zeros")" = 3000000 ] || fail "an artifact has not its size"
[ "$(cat "$work/artifacts/folder/note")" = kept ] || fail "an artifact in a folder is not there"

guest 125 --timeout 8 -- sleep 1000
says err "not done after 8 s"

# shellcheck disable=SC2016
guest 125 -- sh -c 'echo c >/proc/sysrq-trigger'
says err "its kernel panicked: sysrq triggered crash"

guest 125 --append rdinit=/no-such-program -- true
says err "its kernel ended before its first process; once more"
says err "its kernel panicked"

guest 125 -- reboot -f
says err "it ended without a report"

guest 125 --vfio 0000:00:17.0 -- true
says out "vfio-pci does not take 0000:00:17.0"

guest 125 --device no-such-device -- true
says err "'no-such-device' is not a valid device model name"

guest 125 --file "$work/no-such-file" -- true
says err "there is no such file"

guest 125 -- "$work/no-such-command"
says err "no such command here"

[ "$failures" -eq 0 ] || exit 1
echo "rig_test: all is well"
