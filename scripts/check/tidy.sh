#!/usr/bin/env bash
# tidy.sh ROOT FILE: runs clang-tidy on one source. A source that passed is not looked at again
# until it, a header that it reads, or the rules change: what the preprocessor makes of it is the
# key.
set -eu

root=$1
file=$2
cd "$root"
stamps=$root/build-check/tidy
mkdir -p "$stamps"

# The command that compiles it, with -E in place of -c and -o.
command=$(awk -v file="$root/$file" '
	/"command":/ { command = $0 }
	/"file":/ && index($0, "\"" file "\"") { print command; exit }' build/compile_commands.json |
	sed 's/^ *"command": "//; s/",$//; s/\\"/"/g; s/^[^ ]*ccache //; s/ -o [^ ]*//; s/ -c / -E -P -C /')
key=$({
	cat .clang-tidy
	clang-tidy-19 --version
	eval "$command"
} | sha256sum | cut -d ' ' -f 1)
[ ! -e "$stamps/$key" ] || exit 0

clang-tidy-19 --quiet -p build "$file"
touch "$stamps/$key"
