# shellcheck shell=bash
# make_image FILE [COMMAND...]: the guest's initramfs, for run, whose variables it reads: two
# archives one after the other, which the kernel takes as one. The first holds what each guest has
# and is kept; the second what this one is for.

# Programs and libraries come without their debugging information; each is kept until its original
# changes. Prints the kept one's path within $cache/files.
bring() {
	local from=$1 to=$cache/files$1
	if [ ! "$to" -nt "$from" ]; then
		mkdir -p "$(dirname "$to")"
		local new
		new=$(mktemp "$to.XXXXXX")
		strip -o "$new" "$from" 2>/dev/null || cp -L "$from" "$new"
		chmod 755 "$new"
		mv "$new" "$to"
	fi
	echo ".$from"
}

# A file and what it is linked with.
closure() {
	echo "$1"
	ldd "$1" 2>/dev/null | sed -n 's/^.*=> \(\/[^ ]*\) (.*/\1/p; s/^[ \t]*\(\/[^ ]*\) (.*/\1/p'
}

# An archive needs the folders above its files, first.
with_folders() {
	awk -F/ '{ path = "."; for (i = 2; i < NF; i++) { path = path "/" $i; if (!seen[path]++) print path } print }'
}

base_image() {
	base=$cache/base-$(basename "$kernel")
	if [ "$base.cpio" -nt "$here/init" ] && [ "$base.cpio" -nt "$kernel/done" ] && [ "$base.cpio" -nt "$here/image.sh" ]; then
		return
	fi
	local new=$base.$$
	mkdir -p "$new"/{bin,etc,dev,lib,root,tmp,usr/share/misc}
	cp "$(command -v busybox)" "$new/bin/busybox"
	ln -s busybox "$new/bin/sh"
	cp "$here/init" "$new/init"
	chmod 755 "$new/init"
	cp -r "$kernel/modules/lib/modules" "$new/lib/modules"
	printf 'root:x:0:0:root:/root:/bin/sh\npupci:x:1000:1000:pupci:/tmp:/bin/sh\n' >"$new/etc/passwd"
	printf 'root:x:0:\npupci:x:1000:\n' >"$new/etc/group"
	local ids
	for ids in /usr/share/misc/pci.ids /usr/share/hwdata/pci.ids; do
		[ ! -e "$ids" ] || { cp -L "$ids" "$new/usr/share/misc/pci.ids" && break; }
	done
	(cd "$new" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) >"$new.cpio"
	mv "$new.cpio" "$base.cpio"
	rm -rf "$new"
}

# The regular files that a --file stands for, absolute.
named_files() {
	local path
	for path in "$@"; do
		find -L "$(realpath -s "$path")" -type f
	done
}

# Words as any shell reads them back.
quoted() {
	printf "'%s' " "${@//\'/\'\\\'\'}"
	echo
}

own_image() {
	local own=$work/own
	mkdir -p "$own/guest"
	{
		echo "VFIO='${vfio[*]}'"
		echo "MODULES='${load_vfio:+vfio vfio_iommu_type1 vfio-pci} ${modules[*]}'"
		echo "AS_USER='$as_user'"
		echo "SHELL_INSIDE='$shell'"
		echo "DIRECTORY='$PWD'"
	} >"$own/guest/settings"
	{
		local setting
		for setting in "${environment[@]}"; do
			echo "export ${setting%%=*}=$(quoted "${setting#*=}")"
		done
		shift
		quoted "$@"
	} >"$own/guest/command"
	(cd "$own" && printf '%s\n' ./guest ./guest/settings ./guest/command | busybox cpio -o -H newc -R 0:0 2>/dev/null)
	local file
	{
		[ ${#program[@]} -eq 0 ] || echo "${program[0]}"
		[ ${#files[@]} -eq 0 ] || named_files "${files[@]}"
	} | while read -r file; do
		closure "$file"
	done | sort -u | while read -r file; do
		bring "$file"
	done | with_folders | (cd "$cache/files" && busybox cpio -o -H newc -R 0:0 2>/dev/null)
}

make_image() {
	local path
	for path in "${files[@]}"; do
		[ -e "$path" ] || fail "--file $path: there is no such file"
	done
	mkdir -p "$cache/files"
	base_image
	{
		cat "$base.cpio"
		own_image "$@"
	} >"$1"
}
