#!/bin/sh
# pupci bind and unbind on real functions; runs inside the guest, on the board "full".
pupci=$1
failures=0
edu=0000:00:02.0
nic=0000:00:0c.0
nvme=0000:00:08.0

fail() {
	echo "bind_test: $*"
	failures=$((failures + 1))
}

driver_of() {
	basename "$(readlink "/sys/bus/pci/devices/$1/driver")"
}

# runs STATUS ARGUMENT...: pupci with them; what it said is in $said.
runs() {
	expected=$1
	shift
	said=$($pupci "$@" 2>&1)
	status=$?
	[ $status -eq "$expected" ] || fail "pupci $*: status $status, not $expected: $said"
}

says() {
	case $said in
	*"$1"*) ;;
	*) fail "not said: \"$1\", but: $said" ;;
	esac
}

has() {
	[ "$(driver_of "$1")" = "$2" ] || fail "the driver of $1 is \"$(driver_of "$1")\", not \"$2\""
}

# The module is not loaded behind the user's back.
runs 1 bind $edu
says "the kernel's module vfio-pci is not loaded; sudo modprobe vfio-pci"
modprobe vfio-pci
modprobe vfio_iommu_type1

# A function without a driver, by an address without its segment.
runs 0 bind 00:02.0
says "$edu: now has vfio-pci, as /dev/vfio/"
has $edu vfio-pci
runs 0 bind $edu
says "$edu: has vfio-pci"
runs 0 unbind $edu
says "$edu: has no driver"
has $edu ""
[ "$(cat /sys/bus/pci/devices/$edu/driver_override)" = "(null)" ] || fail "driver_override stayed"
runs 1 unbind $edu
says "it has no driver, as the kernel wants it; there is nothing to give back"

# One with a driver, whose interface is up.
modprobe e1000
has $nic e1000
ip link set eth0 up
runs 1 bind $nic
says "the network interface eth0 is up; end that: ip link set eth0 down (or --force)"
has $nic e1000
runs 0 bind --force $nic
has $nic vfio-pci
runs 0 unbind $nic
says "$nic: has e1000 again"
has $nic e1000

# Without what was remembered the kernel chooses.
runs 0 bind $nic
rm -r /run/pupci
runs 0 unbind $nic
has $nic e1000
# Nor is it lost when the driver is not there any more.
runs 0 bind $nic
rmmod e1000
runs 1 unbind $nic
says "its driver was e1000, which does not take it back; load it: modprobe e1000"
modprobe e1000
has $nic e1000

# A disk that is mounted, swapped to, or claimed by a program.
modprobe nvme
modprobe ext4
for i in $(seq 100); do
	[ -b /dev/nvme0n1 ] && break
	sleep 0.1
done
mkdir -p "/mnt/a disk"
mke2fs -q /dev/nvme0n1 >/dev/null
mount /dev/nvme0n1 "/mnt/a disk"
runs 1 bind $nvme
says "nvme0n1 is mounted at /mnt/a disk; end that: umount '/mnt/a disk'"
unshare -m sleep 1000 &
other=$!
until [ "$(readlink /proc/$other/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]; do sleep 0.1; done
umount "/mnt/a disk"
runs 1 bind $nvme
says "/dev/nvme0n1 is open for a program or mounted elsewhere"
kill $other
wait $other 2>/dev/null
mkswap /dev/nvme0n1 >/dev/null
swapon /dev/nvme0n1
runs 1 bind $nvme
says "nvme0n1 is swap space; end that: swapoff /dev/nvme0n1"
swapoff /dev/nvme0n1
has $nvme nvme
runs 0 bind $nvme
has $nvme vfio-pci
runs 0 unbind $nvme
has $nvme nvme

# Bridges; nothing; a group as a whole, and one that is not.
runs 1 bind 0000:00:03.0
says "0000:00:03.0: is a bridge, which stays with the kernel; name what is behind it: 0000:01:00.0"
runs 1 bind 0000:00:19.0
says "there is no such function"
runs 0 bind --group 0000:03:01.0
has 0000:03:01.0 vfio-pci
has 0000:03:02.0 vfio-pci
runs 0 unbind --group 0000:03:01.0
has 0000:03:02.0 ""

# Another driver; the group is told of as long as it cannot be used.
modprobe uio_pci_generic
runs 0 bind --driver uio_pci_generic 0000:00:05.1
has 0000:00:05.1 uio_pci_generic
runs 0 bind 0000:00:05.0
says "also holds 0000:00:05.1 (driver uio_pci_generic), and can be given up only as a whole; sudo pupci bind 0000:00:05.1"
runs 0 unbind --group 0000:00:05.0
has 0000:00:05.1 ""

# All or none: the second is refused, so the first is left alone.
runs 1 bind $edu 0000:00:03.0
has $edu ""

# Nor is the first one kept when it is the kernel that refuses the second.
runs 0 bind $nic
runs 1 bind --driver e1000 $nic $edu
says "$edu: e1000 does not take it; the kernel's log tells why: dmesg | tail; $nic has vfio-pci again"
has $nic vfio-pci
has $edu ""
runs 1 unbind $edu
runs 0 unbind $nic
has $nic e1000

# For a user, who then can open the node, but nothing else.
runs 0 bind --user pupci $edu
group=$(basename "$(readlink /sys/bus/pci/devices/$edu/iommu_group)")
[ "$(stat -c %U "/dev/vfio/$group")" = pupci ] || fail "/dev/vfio/$group is not the user's"
runs 1 bind --user nobody-like-this $edu
says "--user nobody-like-this: there is no such user"
said=$(su -s /bin/sh pupci -c "$pupci unbind $edu" 2>&1) && fail "a user may unbind"
says "run it as root"

# In use by a process.
sleep 1000 <"/dev/vfio/$group" &
holder=$!
until [ "$(readlink /proc/$holder/fd/0)" = "/dev/vfio/$group" ]; do sleep 0.1; done
runs 1 unbind $edu
says "sleep ($holder) has it open; end that: kill $holder"
kill $holder
wait $holder 2>/dev/null
runs 0 unbind $edu

[ $failures -eq 0 ] || exit 1
echo "bind_test: all is well"
