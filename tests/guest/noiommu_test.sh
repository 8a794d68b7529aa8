#!/bin/sh
# VFIO without an IOMMU, which has to be asked for at every step; runs inside a guest without one, on
# a kernel that has it (scripts/guest/build_kernel.sh).
pupci=$1
drivers=$2
failures=0
edu=0000:00:02.0
mode=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode

# expects STATUS TEXT ARGUMENT...: pupci with the arguments.
expects() {
	expected=$1
	text=$2
	shift 2
	said=$($pupci "$@" 2>&1)
	status=$?
	case $status,$said in
	"$expected",*"$text"*) ;;
	*)
		echo "noiommu_test: pupci $*: status $status, and not \"$text\", but: $said"
		failures=$((failures + 1))
		;;
	esac
}

said=$($pupci doctor)
case $said in
*"the firmware shows no IOMMU"*) ;;
*)
	echo "noiommu_test: doctor does not tell of the firmware: $said"
	failures=$((failures + 1))
	;;
esac
expects 1 "$edu: in no IOMMU group" bind $edu
echo 1 >$mode
expects 0 "$edu: now has vfio-pci, as /dev/vfio/noiommu-" bind $edu
said=$($pupci doctor)
case $said in
*"can be opened, but no IOMMU keeps its DMA in bounds"*) ;;
*)
	echo "noiommu_test: doctor does not tell of the danger: $said"
	failures=$((failures + 1))
	;;
esac
expects 1 "vfio:$edu,unsafe-noiommu" list --host vfio:$edu
expects 1 "sysctl vm.nr_hugepages" list --host vfio:$edu,unsafe-noiommu
sysctl -q -w vm.nr_hugepages=64
expects 0 "registers respond" run --host vfio:$edu,unsafe-noiommu "$drivers/edu.so" --for 1
expects 0 "$edu: has no driver" unbind $edu

[ $failures -eq 0 ] || exit 1
echo "noiommu_test: all is well"
