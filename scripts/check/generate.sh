#!/usr/bin/env bash
# generate.sh ROOT DIR: writes to DIR the CTest project that joins the tests of all builds with the
# formatter and, file by file, the linter.
set -eu

root=$1
dir=$2
rm -rf "$dir/groups"
mkdir -p "$dir/groups"

# The linter reads what users run; the tests and benchmarks are compiled with the same warnings.
awk -v root="$root" -v dir="$dir" -f "$root/scripts/check/tidy_groups.awk" \
	"$root/build-asan/compile_commands.json" "$root/build/compile_commands.json"

{
	for build in build build-asan build-tsan; do
		printf 'subdirs("%s/%s")\n' "$root" "$build"
	done
	printf 'add_test(format "%s/scripts/check/format.sh" "%s")\n' "$root" "$root"
	LC_ALL=C sort "$dir/tidy.list" | while read -r file group _; do
		printf 'add_test("tidy.%s" "%s/scripts/check/tidy.sh" "%s" "%s")\n' "$file" "$root" "$root" "$file"
		printf 'set_tests_properties("tidy.%s" PROPERTIES TIMEOUT 300' "$file"
		# The first of a group looks at all of it: the others are not to wait in a slot of their own.
		[ "$group" = - ] || printf ' RESOURCE_LOCK "tidy.%s"' "$group"
		printf ')\n'
	done
} >"$dir/CTestTestfile.cmake"
