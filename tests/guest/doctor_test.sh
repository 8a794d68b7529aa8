#!/bin/sh
# pupci doctor before real functions; runs inside the guest, on the board "full".
pupci=$1
failures=0
edu=0000:00:02.0

# says USER TEXT: among what doctor tells that user.
says() {
	if [ "$1" = root ]; then said=$($pupci doctor 2>&1); else said=$(su -s /bin/sh "$1" -c "$pupci doctor" 2>&1); fi
	case $said in
	*"$2"*) ;;
	*)
		echo "doctor_test: $1 is not told: \"$2\", but: $said"
		failures=$((failures + 1))
		;;
	esac
}

says root "ok        iommu     "
says root "optional  vfio      the kernel's module vfio-pci is not loaded: needed for real hardware only; sudo modprobe vfio-pci"
modprobe vfio-pci
says root "optional  vfio      the kernel's module vfio_iommu_type1 is not loaded: needed for real hardware only; sudo modprobe vfio_iommu_type1"
modprobe vfio_iommu_type1
says root "optional  vfio      no function is bound to vfio-pci"
$pupci bind $edu
group=$(basename "$(readlink /sys/bus/pci/devices/$edu/iommu_group)")
says root "ok        vfio      $edu: /dev/vfio/$group can be opened"
says root "ok        memlock   memory for DMA may be locked without limit"

says pupci "missing   vfio      $edu: /dev/vfio/$group may not be opened by this user; sudo pupci bind --user \"\$USER\" $edu"
says pupci "KiB of memory may be locked for DMA (RLIMIT_MEMLOCK)"
$pupci bind --user pupci $edu
says pupci "ok        vfio      $edu: /dev/vfio/$group can be opened"
chmod 600 /dev/vfio/vfio
says pupci "missing   vfio      /dev/vfio/vfio may not be opened by this user; sudo chmod 666 /dev/vfio/vfio"

modprobe uio_pci_generic
$pupci bind --driver uio_pci_generic 0000:00:05.1
$pupci bind 0000:00:05.0 2>/dev/null
says root "also holds 0000:00:05.1 (driver uio_pci_generic), and can be given up only as a whole; sudo pupci bind 0000:00:05.1"

[ $failures -eq 0 ] || exit 1
echo "doctor_test: all is well"
