/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcitest(4): QEMU's pci-testdev.
 *
 * The device counts writes, to memory and to I/O ports, at any width.  At
 * attach the driver reads the header at every width and each way that
 * bus_space(9) has, and checks that they agree; then that 1, 2, 4 and 8 byte
 * writes each arrive, once.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/inttypes.h>
#include <sys/conf.h>
#include <sys/device.h>
#include <sys/ioctl.h>
#include <sys/module.h>
#include <sys/mutex.h>
#include <sys/vnode.h>
#include <sys/bus.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "pcitestreg.h"
#include "pcitestio.h"

#include "ioconf.h"

#define PCITEST_BARS   2  /* those with a header */
#define PCITEST_WRITES 16 /* at attach, for each width */

struct pcitest_bar {
	bus_space_tag_t pb_tag;
	bus_space_handle_t pb_handle;
	bus_size_t pb_size; /* 0: not mapped */
	const char *pb_kind;
	u_int pb_max_width;
};

struct pcitest_softc {
	device_t sc_dev;
	kmutex_t sc_lock; /* the device runs one test at a time */
	struct pcitest_bar sc_bars[PCITEST_BARS];
	struct pcitest_bar sc_big;
};

static int pcitest_match(device_t, cfdata_t, void *);
static void pcitest_attach(device_t, device_t, void *);
static int pcitest_detach(device_t, int);

CFATTACH_DECL_NEW(pcitest, sizeof(struct pcitest_softc), pcitest_match,
    pcitest_attach, pcitest_detach, NULL);

static dev_type_open(pcitest_open);
static dev_type_close(pcitest_close);
static dev_type_ioctl(pcitest_ioctl);

const struct cdevsw pcitest_cdevsw = {
	.d_open = pcitest_open,
	.d_close = pcitest_close,
	.d_read = noread,
	.d_write = nowrite,
	.d_ioctl = pcitest_ioctl,
	.d_stop = nostop,
	.d_tty = notty,
	.d_poll = nopoll,
	.d_mmap = nommap,
	.d_kqfilter = nokqfilter,
	.d_discard = nodiscard,
	.d_flag = D_OTHER | D_MPSAFE,
};

/* One write of a byte that the other bytes of a wider access do not disturb. */
static void
pcitest_write(
    const struct pcitest_bar *pb, bus_size_t offset, u_int width, uint8_t data)
{

	switch (width) {
	case 1:
		bus_space_write_1(pb->pb_tag, pb->pb_handle, offset, data);
		break;
	case 2:
		bus_space_write_2(pb->pb_tag, pb->pb_handle, offset, data);
		break;
	case 4:
		bus_space_write_4(pb->pb_tag, pb->pb_handle, offset, data);
		break;
	case 8:
		bus_space_write_8(pb->pb_tag, pb->pb_handle, offset, data);
		break;
	}
}

/* Do the plain test; how many writes the device has counted. */
static uint32_t
pcitest_count(const struct pcitest_bar *pb, u_int width, uint32_t writes)
{
	bus_size_t offset;
	uint8_t data;
	uint32_t i;

	bus_space_write_1(
	    pb->pb_tag, pb->pb_handle, PCITEST_TEST, PCITEST_PLAIN);
	offset = bus_space_read_4(pb->pb_tag, pb->pb_handle, PCITEST_OFFSET);
	data = bus_space_read_1(pb->pb_tag, pb->pb_handle, PCITEST_DATA);
	if (offset >= pb->pb_size || pb->pb_size - offset < width)
		return 0;
	for (i = 0; i < writes; i++)
		pcitest_write(pb, offset, width, data);
	return bus_space_read_4(pb->pb_tag, pb->pb_handle, PCITEST_COUNT);
}

/* The header's name by 1, 2 and 4 bytes at a time; whether all agree. */
static bool
pcitest_read_widths(const struct pcitest_bar *pb, char *name)
{
	uint8_t by1[PCITEST_NAME_MAX];
	uint16_t by2[PCITEST_NAME_MAX / 2];
	uint32_t by4[PCITEST_NAME_MAX / 4];
	size_t i;

	bus_space_write_1(
	    pb->pb_tag, pb->pb_handle, PCITEST_TEST, PCITEST_PLAIN);
	for (i = 0; i < __arraycount(by1); i++)
		by1[i] = bus_space_read_1(
		    pb->pb_tag, pb->pb_handle, PCITEST_NAME + i);
	/* In the device's byte order, as a string is. */
	bus_space_read_region_stream_2(
	    pb->pb_tag, pb->pb_handle, PCITEST_NAME, by2, __arraycount(by2));
	bus_space_read_region_stream_4(
	    pb->pb_tag, pb->pb_handle, PCITEST_NAME, by4, __arraycount(by4));
	memcpy(name, by1, sizeof(by1));
	name[sizeof(by1) - 1] = '\0';
	return memcmp(by1, by2, sizeof(by1)) == 0 &&
	    memcmp(by1, by4, sizeof(by1)) == 0;
}

static void
pcitest_check_bar(struct pcitest_softc *sc, const struct pcitest_bar *pb)
{
	char name[PCITEST_NAME_MAX];
	uint32_t count;
	u_int width;

	if (!pcitest_read_widths(pb, name)) {
		aprint_error_dev(sc->sc_dev,
		    "%s: reads of different width disagree\n", pb->pb_kind);
		return;
	}
	aprint_normal_dev(
	    sc->sc_dev, "%s: \"%s\", writes of", pb->pb_kind, name);
	for (width = 1; width <= pb->pb_max_width; width *= 2) {
		count = pcitest_count(pb, width, PCITEST_WRITES);
		if (count == PCITEST_WRITES)
			aprint_normal(" %u", width);
		else
			aprint_error(" %u (%u of %u arrived)", width, count,
			    PCITEST_WRITES);
	}
	aprint_normal(" bytes arrive\n");
}

static int
pcitest_match(device_t parent, cfdata_t match, void *aux)
{
	const struct pci_attach_args *pa = aux;

	return PCI_VENDOR(pa->pa_id) == PCITEST_VENDOR &&
	    PCI_PRODUCT(pa->pa_id) == PCITEST_PRODUCT;
}

static void
pcitest_map(struct pcitest_softc *sc, const struct pci_attach_args *pa, int reg,
    struct pcitest_bar *pb)
{
	pcireg_t type;

	if (!pci_mapreg_probe(pa->pa_pc, pa->pa_tag, reg, &type))
		return;
	if (pci_mapreg_map(pa, reg, type, 0, &pb->pb_tag, &pb->pb_handle, NULL,
		&pb->pb_size) != 0) {
		aprint_error_dev(sc->sc_dev, "can't map BAR at 0x%02x\n", reg);
		pb->pb_size = 0;
		return;
	}
	if (PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_IO) {
		pb->pb_kind = "I/O ports";
		pb->pb_max_width = 4;
	} else {
		pb->pb_kind = "memory";
		pb->pb_max_width = 8;
	}
}

static void
pcitest_attach(device_t parent, device_t self, void *aux)
{
	struct pcitest_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;
	size_t i;

	sc->sc_dev = self;
	mutex_init(&sc->sc_lock, MUTEX_DEFAULT, IPL_NONE);

	aprint_naive("\n");
	aprint_normal(": QEMU PCI test device\n");

	pcitest_map(sc, pa, PCITEST_BAR_MEM, &sc->sc_bars[0]);
	pcitest_map(sc, pa, PCITEST_BAR_IO, &sc->sc_bars[1]);
	for (i = 0; i < PCITEST_BARS; i++)
		if (sc->sc_bars[i].pb_size != 0)
			pcitest_check_bar(sc, &sc->sc_bars[i]);

	pcitest_map(sc, pa, PCITEST_BAR_BIG, &sc->sc_big);
	if (sc->sc_big.pb_size != 0)
		aprint_normal_dev(self,
		    "memory: %" PRIu64 " bytes with nothing behind\n",
		    (uint64_t)sc->sc_big.pb_size);

	if (!pmf_device_register(self, NULL, NULL))
		aprint_error_dev(self, "couldn't establish power handler\n");
}

static void
pcitest_unmap(struct pcitest_bar *pb)
{

	if (pb->pb_size != 0)
		bus_space_unmap(pb->pb_tag, pb->pb_handle, pb->pb_size);
	pb->pb_size = 0;
}

static int
pcitest_detach(device_t self, int flags)
{
	struct pcitest_softc *sc = device_private(self);
	size_t i;
	int maj;

	maj = cdevsw_lookup_major(&pcitest_cdevsw);
	vdevgone(maj, device_unit(self), device_unit(self), VCHR);
	pmf_device_deregister(self);
	for (i = 0; i < PCITEST_BARS; i++)
		pcitest_unmap(&sc->sc_bars[i]);
	pcitest_unmap(&sc->sc_big);
	mutex_destroy(&sc->sc_lock);
	return 0;
}

static int
pcitest_open(dev_t dev, int flags, int mode, struct lwp *l)
{

	return device_lookup(&pcitest_cd, minor(dev)) == NULL ? ENXIO : 0;
}

static int
pcitest_close(dev_t dev, int flags, int mode, struct lwp *l)
{

	return 0;
}

static int
pcitest_ioctl(dev_t dev, u_long cmd, void *data, int flag, struct lwp *l)
{
	struct pcitest_softc *sc;
	struct pcitest_run *pt = data;
	const struct pcitest_bar *pb;

	sc = device_lookup_private(&pcitest_cd, minor(dev));
	if (sc == NULL)
		return ENXIO;
	if (cmd != PCITESTIOC_RUN)
		return ENOTTY;
	if (pt->pt_bar >= PCITEST_BARS)
		return EINVAL;
	pb = &sc->sc_bars[pt->pt_bar];
	if (pb->pb_size == 0)
		return ENXIO;
	if (pt->pt_width == 0 || pt->pt_width > pb->pb_max_width ||
	    !powerof2(pt->pt_width))
		return EINVAL;
	mutex_enter(&sc->sc_lock);
	pt->pt_count = pcitest_count(pb, pt->pt_width, pt->pt_writes);
	mutex_exit(&sc->sc_lock);
	return 0;
}

MODULE(MODULE_CLASS_DRIVER, pcitest, "pci");

#ifdef _MODULE
#include "ioconf.c"
#endif

static int
pcitest_modcmd(modcmd_t cmd, void *opaque)
{
#ifdef _MODULE
	devmajor_t bmajor = NODEVMAJOR, cmajor = NODEVMAJOR;
	int error;
#endif

	switch (cmd) {
	case MODULE_CMD_INIT:
#ifdef _MODULE
		error = devsw_attach(
		    "pcitest", NULL, &bmajor, &pcitest_cdevsw, &cmajor);
		if (error != 0)
			return error;
		error = config_init_component(cfdriver_ioconf_pcitest,
		    cfattach_ioconf_pcitest, cfdata_ioconf_pcitest);
		if (error != 0)
			devsw_detach(NULL, &pcitest_cdevsw);
		return error;
#else
		return 0;
#endif
	case MODULE_CMD_FINI:
#ifdef _MODULE
		error = config_fini_component(cfdriver_ioconf_pcitest,
		    cfattach_ioconf_pcitest, cfdata_ioconf_pcitest);
		if (error == 0)
			devsw_detach(NULL, &pcitest_cdevsw);
		return error;
#else
		return 0;
#endif
	default:
		return ENOTTY;
	}
}
