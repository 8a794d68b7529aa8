/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ragefb(4): what wsdisplay(4) sees of it.  vcons(9) keeps the screens
 * apart.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>
#include <dev/pci/pciio.h>
#include <dev/pci/wsdisplay_pci.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

static int ragefb_ioctl(void *, void *, u_long, void *, int, struct lwp *);
static paddr_t ragefb_mmap(void *, void *, off_t, int);
static void ragefb_init_screen(void *, struct vcons_screen *, int, long *);
static void ragefb_default_cmap(struct ragefb_softc *);
static int ragefb_getcmap(struct ragefb_softc *, const struct wsdisplay_cmap *);
static int ragefb_putcmap(struct ragefb_softc *, const struct wsdisplay_cmap *);
static int ragefb_set_wsmode(struct ragefb_softc *, u_int);

void
ragefb_attach_wsdisplay(struct ragefb_softc *sc, bool console)
{
	struct rasops_info *ri = &sc->sc_console.scr_ri;
	struct wsemuldisplaydev_attach_args aa;
	long attr;

	sc->sc_wsmode = WSDISPLAYIO_MODE_EMUL;
	sc->sc_descr = (struct wsscreen_descr){
		.name = "default",
		.capabilities = WSSCREEN_WSCOLORS | WSSCREEN_HILIT,
	};
	sc->sc_screens[0] = &sc->sc_descr;
	sc->sc_screenlist = (struct wsscreen_list){
		.nscreens = __arraycount(sc->sc_screens),
		.screens = sc->sc_screens,
	};

	/* Each device has its own: vcons_init() puts itself before them. */
	sc->sc_accessops = (struct wsdisplay_accessops){
		.ioctl = ragefb_ioctl,
		.mmap = ragefb_mmap,
	};
	vcons_init(&sc->sc_vd, sc, &sc->sc_descr, &sc->sc_accessops);
	sc->sc_vd.init_screen = ragefb_init_screen;

	vcons_init_screen(&sc->sc_vd, &sc->sc_console, 1, &attr);
	sc->sc_console.scr_flags |= VCONS_SCREEN_IS_STATIC;
	sc->sc_descr.textops = &ri->ri_ops;
	sc->sc_descr.capabilities = ri->ri_caps;
	sc->sc_descr.nrows = ri->ri_rows;
	sc->sc_descr.ncols = ri->ri_cols;
	ragefb_default_cmap(sc);
	ragefb_text_cache(sc, attr);
	vcons_redraw_screen(&sc->sc_console);

	if (console) {
		wsdisplay_cnattach(&sc->sc_descr, ri, 0, 0, attr);
		vcons_replay_msgbuf(&sc->sc_console);
	}

	aa = (struct wsemuldisplaydev_attach_args){
		.console = console,
		.scrdata = &sc->sc_screenlist,
		.accessops = &sc->sc_accessops,
		.accesscookie = &sc->sc_vd,
	};
#ifdef CFARGS
	config_found(sc->sc_dev, &aa, wsemuldisplaydevprint,
	    CFARGS(.iattr = "wsemuldisplaydev"));
#else
	config_found(sc->sc_dev, &aa, wsemuldisplaydevprint);
#endif
}

static void
ragefb_init_screen(
    void *cookie, struct vcons_screen *scr, int existing, long *attr)
{
	struct ragefb_softc *sc = cookie;
	struct rasops_info *ri = &scr->scr_ri;

	ri->ri_depth = sc->sc_mode.rm_depth;
	ri->ri_width = sc->sc_mode.rm_width;
	ri->ri_height = sc->sc_mode.rm_height;
	ri->ri_stride = sc->sc_mode.rm_stride;
	ri->ri_bits = sc->sc_mem;
	ri->ri_flg = RI_CENTER | RI_FULLCLEAR;

	switch (ri->ri_depth) {
	case 15:
		ri->ri_rnum = ri->ri_gnum = ri->ri_bnum = 5;
		ri->ri_rpos = 10;
		ri->ri_gpos = 5;
		ri->ri_bpos = 0;
		break;
	case 16:
		ri->ri_rnum = ri->ri_bnum = 5;
		ri->ri_gnum = 6;
		ri->ri_rpos = 11;
		ri->ri_gpos = 5;
		ri->ri_bpos = 0;
		break;
	case 24:
	case 32:
		ri->ri_rnum = ri->ri_gnum = ri->ri_bnum = 8;
		ri->ri_rpos = 16;
		ri->ri_gpos = 8;
		ri->ri_bpos = 0;
		break;
	}

	rasops_init(ri, 0, 0);
	rasops_reconfig(ri, ri->ri_height / ri->ri_font->fontheight,
	    ri->ri_width / ri->ri_font->fontwidth);
	ri->ri_hw = scr;
	ragefb_text_init(sc, ri);
}

/* The colours that rasops(9) draws with. */
static void
ragefb_default_cmap(struct ragefb_softc *sc)
{
	uint8_t cmap[3 * 256];
	u_int i, gun;

	if (sc->sc_mode.rm_depth != 8)
		return;
	memset(cmap, 0, sizeof(cmap));
	rasops_get_cmap(&sc->sc_console.scr_ri, cmap, sizeof(cmap));
	for (i = 0; i < 256; i++)
		for (gun = 0; gun < 3; gun++)
			sc->sc_cmap[gun][i] = cmap[3 * i + gun];
	ragefb_load_cmap(sc, 0, 256);
}

static int
ragefb_getcmap(struct ragefb_softc *sc, const struct wsdisplay_cmap *cm)
{
	int error;

	if (sc->sc_mode.rm_depth != 8 || cm->index > 255 ||
	    cm->count > 256 - cm->index)
		return EINVAL;
	error = copyout(&sc->sc_cmap[0][cm->index], cm->red, cm->count);
	if (error == 0)
		error = copyout(
		    &sc->sc_cmap[1][cm->index], cm->green, cm->count);
	if (error == 0)
		error = copyout(
		    &sc->sc_cmap[2][cm->index], cm->blue, cm->count);
	return error;
}

static int
ragefb_putcmap(struct ragefb_softc *sc, const struct wsdisplay_cmap *cm)
{
	uint8_t cmap[3][256];
	int error;

	if (sc->sc_mode.rm_depth != 8 || cm->index > 255 ||
	    cm->count > 256 - cm->index)
		return EINVAL;
	error = copyin(cm->red, cmap[0], cm->count);
	if (error == 0)
		error = copyin(cm->green, cmap[1], cm->count);
	if (error == 0)
		error = copyin(cm->blue, cmap[2], cm->count);
	if (error != 0)
		return error;
	memcpy(&sc->sc_cmap[0][cm->index], cmap[0], cm->count);
	memcpy(&sc->sc_cmap[1][cm->index], cmap[1], cm->count);
	memcpy(&sc->sc_cmap[2][cm->index], cmap[2], cm->count);
	ragefb_load_cmap(sc, cm->index, cm->count);
	return 0;
}

/* A program that had the framebuffer may have left anything in it. */
static int
ragefb_set_wsmode(struct ragefb_softc *sc, u_int mode)
{
	struct vcons_screen *scr = sc->sc_vd.active;
	int error = 0;

	if (mode == sc->sc_wsmode)
		return 0;
	if (mode != WSDISPLAYIO_MODE_EMUL) {
		ragefb_engine_idle(sc);
	} else {
		error = ragefb_set_mode(sc);
		ragefb_engine_init(sc);
		ragefb_text_forget(sc);
		ragefb_default_cmap(sc);
	}
	sc->sc_wsmode = mode;
	if (mode == WSDISPLAYIO_MODE_EMUL && scr != NULL)
		vcons_redraw_screen(scr);
	return error;
}

static int
ragefb_ioctl(void *v, void *vs, u_long cmd, void *data, int flag, struct lwp *l)
{
	struct vcons_data *vd = v;
	struct ragefb_softc *sc = vd->cookie;
	struct wsdisplay_fbinfo *wdf;

	switch (cmd) {
	case WSDISPLAYIO_GTYPE:
		*(u_int *)data = WSDISPLAY_TYPE_PCIMISC;
		return 0;

	case PCI_IOC_CFGREAD:
	case PCI_IOC_CFGWRITE:
		return pci_devioctl(sc->sc_pc, sc->sc_tag, cmd, data, flag, l);

	case WSDISPLAYIO_GET_BUSID:
		return wsdisplayio_busid_pci(
		    sc->sc_dev, sc->sc_pc, sc->sc_tag, data);

	case WSDISPLAYIO_GINFO:
		wdf = data;
		wdf->width = sc->sc_mode.rm_width;
		wdf->height = sc->sc_mode.rm_height;
		wdf->depth = sc->sc_mode.rm_depth;
		wdf->cmsize = sc->sc_mode.rm_depth == 8 ? 256 : 0;
		return 0;

	case WSDISPLAYIO_LINEBYTES:
		*(u_int *)data = sc->sc_mode.rm_stride;
		return 0;

	case WSDISPLAYIO_GET_FBINFO:
		return wsdisplayio_get_fbinfo(&sc->sc_console.scr_ri, data);

	case WSDISPLAYIO_GET_EDID:
		return wsdisplayio_get_edid(sc->sc_dev, data);

	case WSDISPLAYIO_GETCMAP:
		return ragefb_getcmap(sc, data);

	case WSDISPLAYIO_PUTCMAP:
		return ragefb_putcmap(sc, data);

	case WSDISPLAYIO_GVIDEO:
		*(u_int *)data = sc->sc_blank ? WSDISPLAYIO_VIDEO_OFF
					      : WSDISPLAYIO_VIDEO_ON;
		return 0;

	case WSDISPLAYIO_SVIDEO:
		ragefb_blank(sc, *(u_int *)data == WSDISPLAYIO_VIDEO_OFF);
		return 0;

	case WSDISPLAYIO_GMODE:
		*(u_int *)data = sc->sc_wsmode;
		return 0;

	case WSDISPLAYIO_SMODE:
		return ragefb_set_wsmode(sc, *(u_int *)data);
	}
	return EPASSTHROUGH;
}

static paddr_t
ragefb_mmap(void *v, void *vs, off_t offset, int prot)
{
	struct vcons_data *vd = v;
	struct ragefb_softc *sc = vd->cookie;

	if (offset < 0 || (uint64_t)offset >= sc->sc_memsize)
		return -1;
	return bus_space_mmap(sc->sc_memt, sc->sc_memaddr, offset, prot,
	    BUS_SPACE_MAP_LINEAR | BUS_SPACE_MAP_PREFETCHABLE);
}
