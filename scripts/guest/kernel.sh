#!/usr/bin/env bash
# kernel.sh [DIR]: keeps in DIR (default: build-guest/kernel of this tree) Debian's kernel and the
# modules that the guest of tests/guest/run needs: vmlinuz, config, version, modules/. Nothing is
# installed; the network is needed only when nothing is there yet. Prints DIR.
# The newest 6.12, as drivers of today are tried with, else Debian 12's own 6.1; PUPCI_GUEST_KERNEL
# names another of Debian's metapackages.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dir=${1:-${PUPCI_GUEST_CACHE:-$root/build-guest}/kernel}

# What is taken of the package; a change of the list fetches it again.
modules="virtio_pci virtio_console
	vfio vfio_iommu_type1 vfio_virqfd vfio-pci-core vfio-pci iommufd irqbypass
	pci-stub uio uio_pci_generic
	e1000 nvme virtio_blk virtio_net virtio-rng
	ext4 crc32c_generic loop dm-mod bochs"

say() { echo "guest kernel: $*" >&2; }
die() {
	say "$@"
	exit 1
}

complete() { [ -f "$dir/done" ] && [ "$(cat "$dir/done")" = "$modules" ]; }

# The image that a metapackage stands for: "linux-image-6.12.117+deb12-amd64".
image_of() {
	apt-cache depends "$1" 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
}

newest() {
	local meta image
	for meta in ${PUPCI_GUEST_KERNEL:-linux-image-6.12-amd64 linux-image-amd64}; do
		image=$(image_of "$meta")
		if [ -n "$image" ]; then
			echo "$image"
			return
		fi
	done
}

# Fetches the package of an image into the current folder; the lists may be stale.
download() {
	apt-get -q download "$1" >/dev/null 2>&1 && return
	local as_root=()
	[ "$(id -u)" -eq 0 ] || as_root=(sudo)
	"${as_root[@]}" apt-get -q update >/dev/null 2>&1 || true
	apt-get -q download "$(newest)"
}

# Copies a module and all that it depends on, unpacked: the guest has better to do. A kernel that
# has it built in, or not at all, is as good: tests see what there is.
take() {
	local name=$1 file pattern dependency
	pattern=${name//[-_]/[-_]}
	file=$(find "$tree" -name "$pattern.ko*" | head -n 1)
	[ -n "$file" ] || return 0
	local to=$new/modules/lib/modules/$version/$(basename "${file%.xz}")
	[ ! -e "$to" ] || return 0
	case $file in
	*.xz) busybox unxz -c "$file" >"$to" ;;
	*) cp "$file" "$to" ;;
	esac
	for dependency in $(tr '\0' '\n' <"$to" | sed -n 's/^depends=//p' | tr ',' ' '); do
		take "$dependency"
	done
}

if complete; then
	echo "$dir"
	exit 0
fi
for tool in apt-get dpkg-deb busybox; do
	command -v "$tool" >/dev/null || die "there is no $tool; run scripts/setup.sh on Debian"
done
mkdir -p "$(dirname "$dir")"
new=$(mktemp -d "$dir.XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"
cd "$new"

image=$(newest)
[ -n "$image" ] || { download linux-image-amd64 && image=$(newest); }
say "fetching $image"
download "${image:-linux-image-amd64}" || die "$image cannot be fetched; see above, and whether apt-get works here"
dpkg-deb -x linux-image-*.deb x
version=$(basename "$(echo x/boot/vmlinuz-*)")
version=${version#vmlinuz-}
tree=$new/x/$(cd x && find . -path "*/modules/$version" -type d)
mkdir -p "modules/lib/modules/$version"
for module in $modules; do
	take "$module"
done
(cd "modules/lib/modules/$version" && touch modules.order modules.builtin)
busybox depmod -b "$new/modules" "$version"
mv "x/boot/vmlinuz-$version" vmlinuz
mv "x/boot/config-$version" config
echo "$version" >version
rm -rf x linux-image-*.deb
printf '%s' "$modules" >done

# Two may have been at it; the first that is ready stays.
if ! complete; then
	rm -rf "$dir"
	mv -T "$new" "$dir" 2>/dev/null || complete || die "$dir cannot be written"
fi
say "$version is in $dir"
echo "$dir"
