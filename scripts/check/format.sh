#!/usr/bin/env bash
# format.sh ROOT: fails, naming them, when sources are not as clang-format would have them.
set -eu
cd "$1"
{
	find src include/pupci drivers tests bench \( -name '*.cc' -o -name '*.h' -o -name '*.c' \) -print0
	# Its headers are laid out by hand, as NetBSD's are.
	find sys -name '*.c' -print0
} | xargs -0 clang-format-19 --dry-run --Werror
