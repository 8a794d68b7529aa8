#!/usr/bin/env bash
# tidy.sh ROOT FILE: runs clang-tidy on one source. A source that passed is not looked at again
# until it, a header of ours that it reads, its command, or the rules change.
# Most of the linter's time goes into the standard library's headers, so that it looks at the sources
# of a group (tidy_groups.awk) at once. What it finds there, it is asked again for each alone.
set -eu

root=$1
file=$2
cd "$root"
check=$root/build-check
stamps=$check/tidy
mkdir -p "$stamps"

version=$(clang-tidy-19 --version)

# key FILE OBJECT: what its last pass must have read. Ninja noted the headers when it compiled.
key() {
	{
		cat .clang-tidy
		echo "$version"
		grep -F -B 1 "\"file\": \"$root/$1\"" "$check/compile_commands.json"
		ninja -C build -t deps "$2" | sed -n "s,^ *\(\.\./\|$root/\),,p" | sort -u | xargs -r cat
	} | sha256sum | cut -d ' ' -f 1
}

read -r _ group object < <(grep -F -m 1 "$file " "$check/tidy.list")
own=$(key "$file" "$object")
[ ! -e "$stamps/$own" ] || exit 0

if [ "$group" != - ]; then
	stale=()
	while read -r name member_group member_object; do
		[ "$member_group" = "$group" ] || continue
		member=$(key "$name" "$member_object")
		[ -e "$stamps/$member" ] || stale+=("$member")
	done <"$check/tidy.list"
	failed=$stamps/failed.$(sha256sum <<<"${stale[*]}" | cut -d ' ' -f 1)
	if [ ${#stale[@]} -gt 1 ] && [ ! -e "$failed" ]; then
		if clang-tidy-19 --quiet -p "$check" "$check/groups/$group.cc" >/dev/null 2>&1; then
			(cd "$stamps" && touch "${stale[@]}")
			exit 0
		fi
		touch "$failed"
	fi
fi

clang-tidy-19 --quiet -p "$check" "$file"
touch "$stamps/$own"
