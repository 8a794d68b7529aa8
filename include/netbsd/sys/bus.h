/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Access to device registers, bus_space(9), and memory that devices reach,
 * bus_dma(9).
 *
 * A bus space handle is an address when the CPU reaches the device by plain
 * loads and stores; then an access below is that load or store and the test of
 * one bit.  Else the handle has its top bit set and names a mapping and an
 * offset, and each access is a call into the host.  Either way handle + offset
 * is a handle.
 */
#ifndef _NETBSD_SYS_BUS_H_
#define _NETBSD_SYS_BUS_H_

#include "types.h"
#include "stdbool.h"
#include "bus_dma.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a big-endian host needs byte swaps in these accessors"
#endif
#if __SIZEOF_POINTER__ != 8
#error "bus space handles need 64 bits"
#endif

typedef struct pupci_bus_space_tag *bus_space_tag_t;
typedef uintptr_t	bus_space_handle_t;

#define PRIxBUSADDR	"lx"
#define PRIxBUSSIZE	"lx"
#define PRIuBUSSIZE	"lu"
#define PRIxBSH		"lx"

/* Flags of bus_space_map(), and of pci_mapreg_map(). */
#define BUS_SPACE_MAP_CACHEABLE		0x01
#define BUS_SPACE_MAP_LINEAR		0x02
#define BUS_SPACE_MAP_PREFETCHABLE	0x04

#define BUS_SPACE_BARRIER_READ		0x01
#define BUS_SPACE_BARRIER_WRITE		0x02

#define BUS_SPACE_MAXSIZE	0xfffffffffffUL
#define BUS_SPACE_MAXADDR	(~0UL)
#define BUS_SPACE_MAXSIZE_24BIT	0x00ffffffUL
#define BUS_SPACE_MAXSIZE_32BIT	0xffffffffUL
#define BUS_SPACE_MAXADDR_24BIT	0x00ffffffUL
#define BUS_SPACE_MAXADDR_32BIT	0xffffffffUL
#define BUS_SPACE_UNRESTRICTED	(~0UL)

/* The halves of a bus address, for devices with a register for each. */
#define BUS_ADDR_HI32(a)	((uint32_t)((uint64_t)(a) >> 32))
#define BUS_ADDR_LO32(a)	((uint32_t)(a))

#define BUS_SPACE_ALIGNED_POINTER(p, t)	\
	((((uintptr_t)(const void *)(p)) & (sizeof(t) - 1)) == 0)

__BEGIN_DECLS
/*
 * Maps bus addresses [addr, addr + size).  Thread context.  0; ENXIO when no
 * function of the bus has a BAR there; EOPNOTSUPP when LINEAR was asked for
 * ports; ENOMEM.
 *
 * Where this process cannot reach the device's memory by itself, LINEAR gives it
 * memory that is kept like the device's, by page faults: what was written there
 * reaches the device before the next access to a register of the same function,
 * and within 16 ms by itself.
 */
int	bus_space_map(bus_space_tag_t, bus_addr_t addr, bus_size_t size,
	    int flags, bus_space_handle_t *);
void	bus_space_unmap(bus_space_tag_t, bus_space_handle_t, bus_size_t);
/* A part of a mapping; EINVAL when it is not within. */
int	bus_space_subregion(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t offset, bus_size_t size, bus_space_handle_t *);
/* The address of a mapping made with LINEAR, else null. */
void	*bus_space_vaddr(bus_space_tag_t, bus_space_handle_t);
/*
 * What a driver's d_mmap returns for a bus address: its page number, or -1 when
 * no BAR holds it.
 */
paddr_t	bus_space_mmap(bus_space_tag_t, bus_addr_t, off_t, int prot, int flags);
/*
 * Orders the accesses before it against those after it.  Any context.  Trapped
 * accesses are in order anyway, so this waits for nothing.
 */
void	bus_space_barrier(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t offset, bus_size_t length, int flags);
bool	bus_space_is_equal(bus_space_tag_t, bus_space_tag_t);
bool	bus_space_handle_is_equal(bus_space_tag_t, bus_space_handle_t,
	    bus_space_handle_t);

/* Accesses that report a fault (EFAULT) in place of all ones. */
int	bus_space_peek_1(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint8_t *);
int	bus_space_peek_2(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint16_t *);
int	bus_space_peek_4(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint32_t *);
int	bus_space_peek_8(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint64_t *);
int	bus_space_poke_1(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint8_t);
int	bus_space_poke_2(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint16_t);
int	bus_space_poke_4(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint32_t);
int	bus_space_poke_8(bus_space_tag_t, bus_space_handle_t, bus_size_t,
	    uint64_t);

/*
 * What the accessors below call; not for drivers.  The arguments are those of
 * the accessors in the same places, so that nothing need be moved for the call.
 */
uint8_t	__pupci_bus_space_read_1(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t);
uint16_t __pupci_bus_space_read_2(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t);
uint32_t __pupci_bus_space_read_4(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t);
uint64_t __pupci_bus_space_read_8(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t);
void	__pupci_bus_space_write_1(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t, uint8_t);
void	__pupci_bus_space_write_2(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t, uint16_t);
void	__pupci_bus_space_write_4(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t, uint32_t);
void	__pupci_bus_space_write_8(bus_space_tag_t, bus_space_handle_t,
	    bus_size_t, uint64_t);
void	__pupci_bus_space_read_block(bus_space_handle_t, bus_size_t,
	    void *, size_t count, unsigned int width, unsigned int step);
void	__pupci_bus_space_write_block(bus_space_handle_t, bus_size_t,
	    const void *, size_t count, unsigned int width, unsigned int step);
void	__pupci_bus_space_set_block(bus_space_handle_t, bus_size_t,
	    uint64_t value, size_t count, unsigned int width, unsigned int step);
void	__pupci_bus_space_copy_block(bus_space_handle_t, bus_size_t,
	    bus_space_handle_t, bus_size_t, size_t count, unsigned int width);
__END_DECLS

/* A driver that is built with DEBUG has each access checked against its mapping. */
#if defined(DEBUG) && !defined(__HOSTED_SEAM)
#define __BUS_SPACE_DIRECT(h)	0
#else
#define __BUS_SPACE_DIRECT(h)	__predict_true((intptr_t)(h) >= 0)
#endif

/*
 * For one width, named by its bytes:
 *	read, write		one item
 *	read_multi, write_multi	`count' items at one offset, a FIFO
 *	read_region, ...	`count' items at rising offsets
 *	set_multi, set_region	one value `count' times
 *	copy_region		between mappings, which may overlap
 * and the stream forms, which leave the byte order as it is in memory; here
 * memory and PCI agree on that.  Any context.
 */
#define __BUS_SPACE_ACCESSORS(n, type)					\
static __inline type							\
bus_space_read_##n(bus_space_tag_t t, bus_space_handle_t h, bus_size_t o) \
{									\
	if (__BUS_SPACE_DIRECT(h))					\
		return *(volatile type *)(h + o);			\
	return __pupci_bus_space_read_##n(t, h, o);			\
}									\
static __inline void							\
bus_space_write_##n(bus_space_tag_t t, bus_space_handle_t h, bus_size_t o, \
    type v)								\
{									\
	if (__BUS_SPACE_DIRECT(h))					\
		*(volatile type *)(h + o) = v;				\
	else								\
		__pupci_bus_space_write_##n(t, h, o, v);			\
}									\
static __inline type							\
bus_space_read_stream_##n(bus_space_tag_t t, bus_space_handle_t h,	\
    bus_size_t o)							\
{									\
	return bus_space_read_##n(t, h, o);				\
}									\
static __inline void							\
bus_space_write_stream_##n(bus_space_tag_t t, bus_space_handle_t h,	\
    bus_size_t o, type v)						\
{									\
	bus_space_write_##n(t, h, o, v);				\
}									\
static __inline void							\
bus_space_set_multi_##n(bus_space_tag_t t, bus_space_handle_t h,	\
    bus_size_t o, type v, bus_size_t count)				\
{									\
	(void)t;							\
	__pupci_bus_space_set_block(h, o, v, count, n, 0);		\
}									\
static __inline void							\
bus_space_set_region_##n(bus_space_tag_t t, bus_space_handle_t h,	\
    bus_size_t o, type v, bus_size_t count)				\
{									\
	(void)t;							\
	__pupci_bus_space_set_block(h, o, v, count, n, n);		\
}									\
static __inline void							\
bus_space_copy_region_##n(bus_space_tag_t t, bus_space_handle_t h1,	\
    bus_size_t o1, bus_space_handle_t h2, bus_size_t o2, bus_size_t count) \
{									\
	(void)t;							\
	__pupci_bus_space_copy_block(h1, o1, h2, o2, count, n);		\
}
#define __BUS_SPACE_BLOCKS(name, n, type, step)				\
static __inline void							\
bus_space_read_##name##_##n(bus_space_tag_t t, bus_space_handle_t h,	\
    bus_size_t o, type *p, bus_size_t count)				\
{									\
	(void)t;							\
	__pupci_bus_space_read_block(h, o, p, count, n, step);		\
}									\
static __inline void							\
bus_space_write_##name##_##n(bus_space_tag_t t, bus_space_handle_t h,	\
    bus_size_t o, const type *p, bus_size_t count)			\
{									\
	(void)t;							\
	__pupci_bus_space_write_block(h, o, p, count, n, step);		\
}
#define __BUS_SPACE_WIDTH(n, type)					\
__BUS_SPACE_ACCESSORS(n, type)						\
__BUS_SPACE_BLOCKS(multi, n, type, 0)					\
__BUS_SPACE_BLOCKS(multi_stream, n, type, 0)				\
__BUS_SPACE_BLOCKS(region, n, type, n)					\
__BUS_SPACE_BLOCKS(region_stream, n, type, n)

__BUS_SPACE_WIDTH(1, uint8_t)
__BUS_SPACE_WIDTH(2, uint16_t)
__BUS_SPACE_WIDTH(4, uint32_t)
__BUS_SPACE_WIDTH(8, uint64_t)

#undef __BUS_SPACE_WIDTH
#undef __BUS_SPACE_BLOCKS
#undef __BUS_SPACE_ACCESSORS

#endif /* !_NETBSD_SYS_BUS_H_ */
