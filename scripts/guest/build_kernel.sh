#!/usr/bin/env bash
# build_kernel.sh [DIR]: builds, from Debian's linux-source-6.12, the kernel that kernel.config
# describes, for tests/guest/run --kernel DIR (default: build-guest/kernel-iommufd of this tree).
# Debian 12's own kernels have neither iommufd nor VFIO without an IOMMU. It takes some minutes, so
# that ./check does not do it; once built, the tests that want it are there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dir=${1:-${PUPCI_GUEST_CACHE:-$root/build-guest}/kernel-iommufd}
source=linux-source-6.12

say() { echo "guest kernel: $*" >&2; }
die() {
	say "$@"
	exit 1
}

if [ "$dir/done" -nt "$here/kernel.config" ]; then
	echo "$dir"
	exit 0
fi
for tool in apt-get dpkg-deb make cc flex bison bc xz; do
	command -v "$tool" >/dev/null || die "there is no $tool; apt install build-essential flex bison bc libelf-dev xz-utils"
done
mkdir -p "$(dirname "$dir")"
work=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
say "fetching $source"
apt-get -q download "$source" >/dev/null 2>&1 || die "$source cannot be fetched: is it offered here? apt-cache policy $source"
dpkg-deb --fsys-tarfile "$source"_*.deb | tar -xO "./usr/src/$source.tar.xz" | tar -xJ
rm "$source"_*.deb
cd "$source"
grep -v '^#' "$here/kernel.config" >wanted
KCONFIG_ALLCONFIG=wanted make -s allnoconfig >/dev/null
while read -r setting; do
	case $setting in
	*=n) ! grep -q "^${setting%=n}=" .config ;;
	*) grep -qxF "$setting" .config ;;
	esac || die "this source does not take $setting"
done <wanted
say "building; this takes some minutes"
make -s -j "$(nproc)" bzImage >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	die "it does not build, see above"
}
version=$(make -s kernelrelease)
mkdir -p "$work/kernel/modules/lib/modules/$version"
cp arch/x86/boot/bzImage "$work/kernel/vmlinuz"
cp .config "$work/kernel/config"
echo "$version" >"$work/kernel/version"
touch "$work/kernel/done"
rm -rf "$dir"
chmod 755 "$work/kernel"
mv -T "$work/kernel" "$dir"
say "$version is in $dir"
echo "$dir"
