/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): hands PCI functions to processes.
 *
 * It attaches to the functions that the operator has claimed for it, and gives
 * each a device node, by which one process at a time has its configuration
 * space, BARs, interrupts and DMA.  When that process is gone, however it went,
 * the function is quiet before anything is freed that it could still reach.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/atomic.h>
#include <sys/conf.h>
#include <sys/device.h>
#include <sys/fcntl.h>
#include <sys/ioctl.h>
#include <sys/kauth.h>
#include <sys/kernel.h>
#include <sys/lwp.h>
#include <sys/module.h>
#include <sys/poll.h>
#include <sys/proc.h>
#include <sys/vnode.h>

#include <uvm/uvm_extern.h>

#include "pupcivar.h"
#include "pupci_compat.h"

#include "ioconf.h"

/* Above every other driver's: what is claimed is ours. */
#define PUPCI_PRIORITY 1000

/* Seconds that a process has to close a function that is being detached. */
#define PUPCI_GRACE 2

static int pupci_match(device_t, cfdata_t, void *);
static void pupci_attach(device_t, device_t, void *);
static int pupci_detach(device_t, int);

static dev_type_open(pupci_open);
static dev_type_close(pupci_close);
static dev_type_ioctl(pupci_ioctl);
static dev_type_mmap(pupci_mmap);
static dev_type_poll(pupci_poll);
static dev_type_kqfilter(pupci_kqfilter);

CFATTACH_DECL_NEW(pupci, sizeof(struct pupci_softc), pupci_match, pupci_attach,
    pupci_detach, NULL);

const struct cdevsw pupci_cdevsw = {
	.d_open = pupci_open,
	.d_close = pupci_close,
	.d_read = noread,
	.d_write = nowrite,
	.d_ioctl = pupci_ioctl,
	.d_stop = nostop,
	.d_tty = notty,
	.d_poll = pupci_poll,
	.d_mmap = pupci_mmap,
	.d_kqfilter = pupci_kqfilter,
	.d_discard = nodiscard,
	PUPCI_DEVSW_HOLD.d_flag = D_OTHER | D_MPSAFE,
};

/* Functions that are open: what unloading waits for. */
static volatile u_int pupci_opens;

static int
pupci_match(device_t parent, cfdata_t match, void *aux)
{

	return pupci_claimed(aux) ? PUPCI_PRIORITY : 0;
}

static void
pupci_attach(device_t parent, device_t self, void *aux)
{
	struct pupci_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;

	sc->sc_dev = self;
	sc->sc_pa = *pa;
	sc->sc_pc = pa->pa_pc;
	sc->sc_tag = pa->pa_tag;
	LIST_INIT(&sc->sc_dma);
	LIST_INIT(&sc->sc_kept);
	mutex_init(&sc->sc_lock, MUTEX_DEFAULT, IPL_NONE);
	mutex_init(&sc->sc_conf_lock, MUTEX_DEFAULT, IPL_VM);
	cv_init(&sc->sc_cv, "pupci");
	sc->sc_watch = pupci_watch_create();

	pci_aprint_devinfo(pa, "PCI function of a process");
	pupci_intx_attach(sc);
	pupci_master_off(sc);
	pupci_config_attach(sc);
	pupci_bar_attach(sc);
	sc->sc_flags |= pupci_reset_ways(sc);
	if ((sc->sc_flags &
		(PUPCI_INFO_RESET_FLR | PUPCI_INFO_RESET_AF |
		    PUPCI_INFO_RESET_POWER)) == 0)
		aprint_verbose_dev(self, "no way to reset it is known\n");

	if (!pmf_device_register(self, NULL, NULL))
		aprint_error_dev(self, "couldn't establish power handler\n");
}

/* Alone from here on; EINTR, or ENXIO once the device is going. */
int
pupci_enter(struct pupci_softc *sc)
{
	int error = 0;

	mutex_enter(&sc->sc_lock);
	while (sc->sc_busy && !sc->sc_dying && error == 0)
		error = cv_wait_sig(&sc->sc_cv, &sc->sc_lock);
	if (sc->sc_dying || !sc->sc_open)
		error = ENXIO;
	if (error == 0)
		sc->sc_busy = true;
	mutex_exit(&sc->sc_lock);
	return error;
}

static void
pupci_enter_always(struct pupci_softc *sc)
{

	mutex_enter(&sc->sc_lock);
	while (sc->sc_busy)
		cv_wait(&sc->sc_cv, &sc->sc_lock);
	sc->sc_busy = true;
	mutex_exit(&sc->sc_lock);
}

void
pupci_leave(struct pupci_softc *sc)
{

	mutex_enter(&sc->sc_lock);
	sc->sc_busy = false;
	cv_broadcast(&sc->sc_cv);
	mutex_exit(&sc->sc_lock);
}

/* Whoever still has a BAR or memory mapped loses it: his next access faults. */
static void
pupci_revoke(struct pupci_softc *sc)
{

	mutex_enter(&sc->sc_lock);
	sc->sc_closing = true;
	mutex_exit(&sc->sc_lock);
	pupci_bar_revoke(sc);
	pupci_dma_revoke_all(sc);
	if (!sc->sc_mapped)
		return;
	/*
	 * A fault may have asked pupci_mmap() before and enter its page only
	 * now: it does so without sleeping.
	 */
	kpause("pupcimap", false, 1, NULL);
	pupci_bar_revoke(sc);
	pupci_dma_revoke_all(sc);
	sc->sc_mapped = false;
}

/*
 * The order matters: the function must have stopped before what it reaches is
 * freed, and be without a handler before its vectors are.
 */
static void
pupci_teardown(struct pupci_softc *sc)
{
	bool quiet;

	pupci_master_off(sc);
	quiet = pupci_reset(sc) != EOPNOTSUPP;
	(void)pupci_intr_release(sc);
	pupci_revoke(sc);
	pupci_dma_release_all(sc, quiet);
	pupci_config_release(sc);

	mutex_enter(&sc->sc_lock);
	sc->sc_open = false;
	mutex_exit(&sc->sc_lock);
	atomic_dec_uint(&pupci_opens);
}

static bool
pupci_is_open(struct pupci_softc *sc)
{
	bool open;

	mutex_enter(&sc->sc_lock);
	open = sc->sc_open;
	mutex_exit(&sc->sc_lock);
	return open;
}

static int
pupci_detach(device_t self, int flags)
{
	struct pupci_softc *sc = device_private(self);
	int maj, mn = device_unit(self), waits;

	mutex_enter(&sc->sc_lock);
	sc->sc_dying = true;
	cv_broadcast(&sc->sc_cv);
	mutex_exit(&sc->sc_lock);
	pupci_watch_gone(sc->sc_watch);

	/*
	 * Drivers of the process may live in the very memory that it is about
	 * to lose, so it gets a while to leave by itself.
	 */
	for (waits = 0; pupci_is_open(sc) && waits < PUPCI_GRACE * 10; waits++)
		kpause("pupcigone", false, MAX(1, hz / 10), NULL);

	maj = cdevsw_lookup_major(&pupci_cdevsw);
	vdevgone(maj, mn, mn, VCHR);

	/* Closed by now, unless its node was none that vdevgone() finds. */
	pupci_enter_always(sc);
	if (sc->sc_open)
		pupci_teardown(sc);
	pupci_intx_quiet(sc, sc->sc_intx_found);
	pupci_dma_detach(sc);
	pupci_bar_detach(sc);
	pmf_device_deregister(self);
	pupci_watch_release(sc->sc_watch);
	cv_destroy(&sc->sc_cv);
	mutex_destroy(&sc->sc_conf_lock);
	mutex_destroy(&sc->sc_lock);
	return 0;
}

static int
pupci_open(dev_t dev, int flags, int mode, struct lwp *l)
{
	struct pupci_softc *sc = device_lookup_private(&pupci_cd, minor(dev));
	int error = 0;

	if (sc == NULL)
		return ENXIO;
	mutex_enter(&sc->sc_lock);
	if (sc->sc_dying)
		error = ENXIO;
	else if (sc->sc_open)
		error = EBUSY;
	else
		sc->sc_open = true;
	if (error == 0) {
		atomic_inc_uint(&pupci_opens);
		sc->sc_closing = false;
		sc->sc_generation++;
		sc->sc_privileged = kauth_authorize_machdep(l->l_cred,
					KAUTH_MACHDEP_UNMANAGEDMEM, NULL, NULL,
					NULL, NULL) == 0;
	}
	mutex_exit(&sc->sc_lock);
	return error;
}

static int
pupci_close(dev_t dev, int flags, int mode, struct lwp *l)
{
	struct pupci_softc *sc = device_lookup_private(&pupci_cd, minor(dev));

	if (sc == NULL)
		return ENXIO;
	pupci_enter_always(sc);
	if (sc->sc_open)
		pupci_teardown(sc);
	pupci_leave(sc);
	return 0;
}

static void
pupci_info(struct pupci_softc *sc, struct pupci_info *info)
{
	const struct pci_attach_args *pa = &sc->sc_pa;

	memset(info, 0, sizeof(*info));
	info->version = PUPCI_IO_VERSION;
	info->bus = pa->pa_bus;
	info->device = pa->pa_device;
	info->function = pa->pa_function;
	info->config_size = sc->sc_config_size;
	info->intx = pupci_intr_offered(sc, PUPCI_INTR_INTX);
	info->msi = pupci_intr_offered(sc, PUPCI_INTR_MSI);
	info->msix = pupci_intr_offered(sc, PUPCI_INTR_MSIX);
	info->flags = sc->sc_flags;
	if (sc->sc_privileged)
		info->flags |= PUPCI_INFO_PRIVILEGED;
	pupci_bar_info(sc, info->bar);
}

/*
 * What a process needs for a request: to have the node open for writing, and
 * for what reaches memory, to have been privileged when it opened it.
 */
static int
pupci_permit(const struct pupci_softc *sc, u_long cmd, int flag)
{

	switch (cmd) {
	case PUPCI_IOC_INFO:
	case PUPCI_IOC_CONFIG_READ:
		return 0;
	case PUPCI_IOC_READ:
	case PUPCI_IOC_WRITE:
	case PUPCI_IOC_BLOCK:
	case PUPCI_IOC_DMA_ALLOC:
	case PUPCI_IOC_DMA_PIN:
		if ((flag & FWRITE) == 0)
			return EBADF;
		return sc->sc_privileged ? 0 : EPERM;
	default:
		return (flag & FWRITE) != 0 ? 0 : EBADF;
	}
}

static int
pupci_request(struct pupci_softc *sc, u_long cmd, void *data)
{

	switch (cmd) {
	case PUPCI_IOC_INFO:
		pupci_info(sc, data);
		return 0;
	case PUPCI_IOC_CONFIG_READ:
		return pupci_config_read(sc, data);
	case PUPCI_IOC_CONFIG_WRITE:
		return pupci_config_write(sc, data);
	case PUPCI_IOC_READ:
	case PUPCI_IOC_WRITE:
		return pupci_bar_access(sc, data, cmd == PUPCI_IOC_WRITE);
	case PUPCI_IOC_BLOCK:
		return pupci_bar_block(sc, data);
	case PUPCI_IOC_RESET:
		return sc->sc_intr != NULL ? EBUSY : pupci_reset(sc);
	case PUPCI_IOC_DMA_ALLOC:
		return pupci_dma_alloc(sc, data);
	case PUPCI_IOC_DMA_PIN:
		return pupci_dma_pin(sc, data);
	case PUPCI_IOC_DMA_SYNC:
		return pupci_dma_sync(sc, data);
	case PUPCI_IOC_DMA_RELEASE:
		return pupci_dma_release(sc, *(uint32_t *)data);
	case PUPCI_IOC_INTR_ALLOC:
		return pupci_intr_alloc(sc, data);
	case PUPCI_IOC_INTR_RELEASE:
		return pupci_intr_release(sc);
	case PUPCI_IOC_INTR_ESTABLISH:
		return pupci_intr_establish(sc, data);
	default:
		return ENOTTY;
	}
}

static int
pupci_ioctl(dev_t dev, u_long cmd, void *data, int flag, struct lwp *l)
{
	struct pupci_softc *sc = device_lookup_private(&pupci_cd, minor(dev));
	int error;

	if (sc == NULL)
		return ENXIO;
	if (cmd == FIONBIO || cmd == FIOASYNC)
		return 0;
	error = pupci_enter(sc);
	if (error != 0)
		return error;
	error = pupci_permit(sc, cmd, flag);
	if (error == 0)
		error = pupci_request(sc, cmd, data);
	pupci_leave(sc);
	return error;
}

/* Called at a fault too, perhaps one that a request of ours has caused. */
static paddr_t
pupci_mmap(dev_t dev, off_t off, int prot)
{
	struct pupci_softc *sc = device_lookup_private(&pupci_cd, minor(dev));
	paddr_t page = (paddr_t)-1;

	if (sc == NULL || off < 0 || (prot & VM_PROT_EXECUTE) != 0)
		return page;
	mutex_enter(&sc->sc_lock);
	if (sc->sc_open && !sc->sc_closing && sc->sc_privileged) {
		sc->sc_mapped = true;
		if (((uint64_t)off & PUPCI_MAP_DMA) != 0)
			page = pupci_dma_mmap(sc, off, prot);
		else
			page = pupci_bar_mmap(sc, off, prot);
	}
	mutex_exit(&sc->sc_lock);
	return page;
}

/* The node itself has one event: that the function has gone. */
static int
pupci_poll(dev_t dev, int events, struct lwp *l)
{
	struct pupci_softc *sc = device_lookup_private(&pupci_cd, minor(dev));

	return sc == NULL ? POLLHUP : pupci_watch_poll(sc->sc_watch, l);
}

static int
pupci_kqfilter(dev_t dev, struct knote *kn)
{
	struct pupci_softc *sc = device_lookup_private(&pupci_cd, minor(dev));

	return sc == NULL ? ENXIO : pupci_watch_kqfilter(sc->sc_watch, kn);
}

MODULE(MODULE_CLASS_DRIVER, pupci, "pci");

#ifdef _MODULE
#include "ioconf.c"
#endif

#ifdef _MODULE
static int
pupci_load(prop_dictionary_t props)
{
	devmajor_t bmajor = NODEVMAJOR, cmajor = NODEVMAJOR;
	const char *claim = NULL;
	int error;

	if (props != NULL &&
	    prop_dictionary_get_cstring_nocopy(props, "claim", &claim)) {
		error = pupci_claim_set(claim);
		if (error != 0)
			return error;
	}
	error = devsw_attach("pupci", NULL, &bmajor, &pupci_cdevsw, &cmajor);
	if (error != 0)
		return error;
	error = config_init_component(
	    cfdriver_ioconf_pupci, cfattach_ioconf_pupci, cfdata_ioconf_pupci);
	if (error != 0)
		devsw_detach(NULL, &pupci_cdevsw);
	return error;
}

/* What is in use stays: a descriptor would outlive the code that serves it. */
static int
pupci_unload(void)
{
	int error;

	if (pupci_opens != 0 || pupci_intr_files() != 0)
		return EBUSY;
	error = config_fini_component(
	    cfdriver_ioconf_pupci, cfattach_ioconf_pupci, cfdata_ioconf_pupci);
	if (error == 0)
		devsw_detach(NULL, &pupci_cdevsw);
	return error;
}
#endif

static int
pupci_modcmd(modcmd_t cmd, void *opaque)
{
	int error = 0;

	switch (cmd) {
	case MODULE_CMD_INIT:
		pupci_port_init();
		pupci_claim_init();
#ifdef _MODULE
		error = pupci_load(opaque);
		if (error != 0) {
			pupci_claim_fini();
			pupci_port_fini();
		}
#endif
		return error;
	case MODULE_CMD_FINI:
#ifdef _MODULE
		error = pupci_unload();
#endif
		if (error == 0) {
			pupci_claim_fini();
			pupci_port_fini();
		}
		return error;
	default:
		return ENOTTY;
	}
}
