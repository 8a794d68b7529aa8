#!/usr/bin/env bash
# tidy.sh ROOT FILE: runs clang-tidy on one source. A source that passed is not looked at again
# until it, a header of ours that it reads, its command, or the rules change.
set -eu

root=$1
file=$2
cd "$root"
stamps=$root/build-check/tidy
mkdir -p "$stamps"

# What ninja noted when it was compiled.
command=$(awk -v file="$root/$file" '
	/"command":/ { command = $0 }
	/"file":/ && index($0, "\"" file "\"") { print command; exit }' build/compile_commands.json)
object=$(sed 's/.* -o \([^ ]*\) .*/\1/' <<<"$command")
key=$({
	cat .clang-tidy
	clang-tidy-19 --version
	echo "$command"
	ninja -C build -t deps "$object" | sed -n "s,^ *\(\.\./\|$root/\),,p" | sort -u | xargs -r cat
} | sha256sum | cut -d ' ' -f 1)
[ ! -e "$stamps/$key" ] || exit 0

clang-tidy-19 --quiet -p build-check "$file"
touch "$stamps/$key"
