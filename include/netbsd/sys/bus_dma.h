/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bus_dma(9); read by way of sys/bus.h.
 *
 * Memory of kmem(9), malloc(9), pool_cache(9), bus_dmamem_alloc() and kernel
 * thread stacks lies in the bus's arena: loading, syncing and unloading it is
 * arithmetic, without lock, allocation or system call.  Other memory is mapped
 * where the host can, else bounced, and so is arena memory that lies above what
 * the tag reaches.
 */
#ifndef _NETBSD_SYS_BUS_DMA_H_
#define _NETBSD_SYS_BUS_DMA_H_

#include "types.h"
#include "stdbool.h"

typedef unsigned long	bus_addr_t;
typedef unsigned long	bus_size_t;

#define BUS_DMA_WAITOK		0x000
#define BUS_DMA_NOWAIT		0x001
#define BUS_DMA_ALLOCNOW	0x002	/* create: all that load may need */
#define BUS_DMA_COHERENT	0x004	/* all memory here is */
#define BUS_DMA_STREAMING	0x008
#define BUS_DMA_BUS1		0x010	/* for the bus's own use: ignored */
#define BUS_DMA_BUS2		0x020
#define BUS_DMA_BUS3		0x040
#define BUS_DMA_BUS4		0x080
#define BUS_DMA_READ		0x100	/* load: device to memory only */
#define BUS_DMA_WRITE		0x200	/* load: memory to device only */
#define BUS_DMA_NOCACHE		0x400
#define BUS_DMA_PREFETCHABLE	0x800

#define BUS_DMASYNC_PREREAD	0x01
#define BUS_DMASYNC_POSTREAD	0x02
#define BUS_DMASYNC_PREWRITE	0x04
#define BUS_DMASYNC_POSTWRITE	0x08

typedef struct pupci_bus_dma_tag *bus_dma_tag_t;
#define BUS_DMA_TAG_VALID(t)	((t) != (bus_dma_tag_t)0)

typedef struct bus_dma_segment {
	bus_addr_t	ds_addr;
	bus_size_t	ds_len;
} bus_dma_segment_t;

/* Made by bus_dmamap_create() only: the array is as long as it says. */
typedef struct pupci_bus_dmamap {
	bus_size_t	dm_maxsegsz;	/* may be lowered between loads */
	bus_size_t	dm_mapsize;	/* bytes loaded; 0 when nothing is */
	int		dm_nsegs;
	bus_dma_segment_t dm_segs[1];
} *bus_dmamap_t;

struct mbuf;
struct uio;
struct proc;

__BEGIN_DECLS
/*
 * A map for transfers of at most `size' bytes in at most `nsegments' segments
 * of at most `maxsegsz' bytes, none of which crosses a multiple of `boundary'
 * (0: no matter).  Thread context.  EINVAL, ENOMEM.
 */
int	bus_dmamap_create(bus_dma_tag_t, bus_size_t size, int nsegments,
	    bus_size_t maxsegsz, bus_size_t boundary, int flags,
	    bus_dmamap_t *);
void	bus_dmamap_destroy(bus_dma_tag_t, bus_dmamap_t);
/*
 * Any context; never sleeps.  EINVAL when it is more than the map's size,
 * EFBIG when it needs too many segments, ENOMEM when there is no room to
 * bounce.  After an error nothing is loaded.  The process is null or &proc0:
 * memory of another is loaded as a uio.
 */
int	bus_dmamap_load(bus_dma_tag_t, bus_dmamap_t, void *, bus_size_t,
	    struct proc *, int flags);
int	bus_dmamap_load_uio(bus_dma_tag_t, bus_dmamap_t, struct uio *,
	    int flags);
int	bus_dmamap_load_raw(bus_dma_tag_t, bus_dmamap_t, bus_dma_segment_t *,
	    int nsegs, bus_size_t size, int flags);
void	bus_dmamap_unload(bus_dma_tag_t, bus_dmamap_t);
/*
 * Bytes [offset, offset + length) of what is loaded: PRE before the device may
 * touch them, POST before the CPU may again.
 */
void	bus_dmamap_sync(bus_dma_tag_t, bus_dmamap_t, bus_addr_t offset,
	    bus_size_t length, int ops);

/*
 * Memory for DMA, zeroed, in at most `nsegs' segments.  `alignment' and
 * `boundary' are powers of two or 0.  Thread context.  EINVAL, ENOMEM.
 */
int	bus_dmamem_alloc(bus_dma_tag_t, bus_size_t size, bus_size_t alignment,
	    bus_size_t boundary, bus_dma_segment_t *, int nsegs, int *rsegs,
	    int flags);
void	bus_dmamem_free(bus_dma_tag_t, bus_dma_segment_t *, int nsegs);
int	bus_dmamem_map(bus_dma_tag_t, bus_dma_segment_t *, int nsegs,
	    size_t size, void **kvap, int flags);
void	bus_dmamem_unmap(bus_dma_tag_t, void *kva, size_t size);
/* The page number of byte `off', for a driver's d_mmap; -1 beyond the end. */
paddr_t	bus_dmamem_mmap(bus_dma_tag_t, bus_dma_segment_t *, int nsegs,
	    off_t off, int prot, int flags);

/*
 * A tag that reaches bus addresses [min_addr, max_addr] only, as far as `tag'
 * does.  EINVAL when nothing is left, ENOMEM.
 */
int	bus_dmatag_subregion(bus_dma_tag_t tag, bus_addr_t min_addr,
	    bus_addr_t max_addr, bus_dma_tag_t *, int flags);
void	bus_dmatag_destroy(bus_dma_tag_t);
/* Whether memory of this process exists that the tag could only bounce. */
bool	bus_dmatag_bounces_p(bus_dma_tag_t);
__END_DECLS

#endif /* !_NETBSD_SYS_BUS_DMA_H_ */
