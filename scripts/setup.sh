#!/usr/bin/env bash
# Installs the Debian packages of scripts/packages.txt that are missing; does nothing, and needs no
# network, when all are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

if ! command -v dpkg-query >/dev/null; then
	echo "setup: this is not Debian; install what scripts/packages.txt names in your system's way" >&2
	exit 0
fi

missing=()
while read -r package; do
	case $package in '' | '#'*) continue ;; esac
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[ "$status" = installed ] || missing+=("$package")
done <"$here/packages.txt"

# Debian's kernel for the tests that need a machine of their own; kept, but not installed.
guest_kernel() {
	"$here/guest/kernel.sh" >/dev/null ||
		echo "setup: without a kernel for the guest, the tests in it will fail" >&2
}

if [ ${#missing[@]} -eq 0 ]; then
	echo "setup: every package is there"
	guest_kernel
	exit 0
fi
echo "setup: installing ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "setup: not root, and no sudo; as root, run: apt-get install ${missing[*]}" >&2
		exit 1
	fi
	as_root=(sudo)
fi
apt() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
# The lists may be there already, and fresh enough.
apt install --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
	{ apt update && apt install --no-install-recommends "${missing[@]}"; } ||
	{
		echo "setup: installing failed; see above, and whether the package mirror can be reached" >&2
		exit 1
	}
guest_kernel
