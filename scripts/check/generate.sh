#!/usr/bin/env bash
# generate.sh ROOT DIR: writes to DIR the CTest project that joins the tests of all builds with the
# formatter and, file by file, the linter.
set -eu

root=$1
dir=$2
mkdir -p "$dir"

# The linter reads what users run; the tests and benchmarks are compiled with the same warnings.
sources() {
	sed -n "s,^ *\"file\": \"$root/\(src/.*\.cc\)\".*,\1,p" "$root/build/compile_commands.json" | sort -u
}
# The linter cannot read g++'s precompiled headers, and works long on all that they hold.
sed 's, -Winvalid-pch -include [^ ]*/cmake_pch\.hxx,,' "$root/build/compile_commands.json" \
	>"$dir/compile_commands.json"

{
	for build in build build-asan build-tsan; do
		printf 'subdirs("%s/%s")\n' "$root" "$build"
	done
	printf 'add_test(format "%s/scripts/check/format.sh" "%s")\n' "$root" "$root"
	sources | while read -r file; do
		printf 'add_test("tidy.%s" "%s/scripts/check/tidy.sh" "%s" "%s")\n' "$file" "$root" "$root" "$file"
		printf 'set_tests_properties("tidy.%s" PROPERTIES TIMEOUT 300)\n' "$file"
	done
} >"$dir/CTestTestfile.cmake"
