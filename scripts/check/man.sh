#!/usr/bin/env bash
# man.sh PAGE: fails when mandoc finds anything to say about a manual page, but for references to
# manuals that this machine does not have.
set -eu
complaints=$(mandoc -T lint -W style "$1" 2>&1 |
	grep -v -e 'referenced manual not found' -e 'outdated mandoc.db') || true
[ -z "$complaints" ] || {
	printf '%s\n' "$complaints"
	exit 1
}
