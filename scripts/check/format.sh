#!/usr/bin/env bash
# format.sh ROOT: fails, naming them, when C++ files are not as clang-format would have them.
set -eu
cd "$1"
find src include/pupci tests bench \( -name '*.cc' -o -name '*.h' \) -print0 |
	xargs -0 clang-format-19 --dry-run --Werror
