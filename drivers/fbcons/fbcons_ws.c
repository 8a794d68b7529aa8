/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fbcons: what wsdisplay(4) sees of it.  rasops(9) draws, or the driver in its
 * place; vcons(9) keeps the screens apart.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <prop/proplib.h>

#include <dev/pci/pcivar.h>
#include <dev/pci/pciio.h>
#include <dev/pci/wsdisplay_pci.h>

#include <dev/wsfont/wsfont.h>

#include "fbconsvar.h"

static int fbcons_ioctl(void *, void *, u_long, void *, int, struct lwp *);
static paddr_t fbcons_mmap(void *, void *, off_t, int);
static void fbcons_init_screen(void *, struct vcons_screen *, int, long *);

/* The colours that rasops(9) draws with. */
static void
fbcons_default_cmap(struct fbcons *fb)
{
	uint8_t cmap[3 * 256];
	u_int i, gun;

	if (fb->fb_mode.fm_depth != 8)
		return;
	memset(cmap, 0, sizeof(cmap));
	rasops_get_cmap(&fb->fb_screen.scr_ri, cmap, sizeof(cmap));
	for (i = 0; i < 256; i++)
		for (gun = 0; gun < 3; gun++)
			fb->fb_cmap[gun][i] = cmap[3 * i + gun];
	fb->fb_ops->load_cmap(fb, 0, 256);
}

/* The first screen, which is there as long as the device is. */
static long
fbcons_first_screen(struct fbcons *fb)
{
	struct rasops_info *ri = &fb->fb_screen.scr_ri;
	long attr;

	vcons_init_screen(&fb->fb_vd, &fb->fb_screen, 1, &attr);
	fb->fb_screen.scr_flags |= VCONS_SCREEN_IS_STATIC;
	fb->fb_descr.textops = &ri->ri_ops;
	fb->fb_descr.capabilities = ri->ri_caps;
	fb->fb_descr.nrows = ri->ri_rows;
	fb->fb_descr.ncols = ri->ri_cols;
	fb->fb_attached = true;

	fbcons_default_cmap(fb);
	if (fb->fb_ops->text_ready != NULL)
		fb->fb_ops->text_ready(fb, attr);
	vcons_redraw_screen(&fb->fb_screen);
	return attr;
}

void
fbcons_attach(struct fbcons *fb)
{
	struct wsemuldisplaydev_attach_args aa;
	long attr;

	fb->fb_wsmode = WSDISPLAYIO_MODE_EMUL;
	fb->fb_descr = (struct wsscreen_descr){
		.name = "default",
		.capabilities = WSSCREEN_WSCOLORS | WSSCREEN_HILIT,
	};
	fb->fb_screens[0] = &fb->fb_descr;
	fb->fb_screenlist = (struct wsscreen_list){
		.nscreens = __arraycount(fb->fb_screens),
		.screens = fb->fb_screens,
	};

	/* Each device has its own: vcons_init() puts itself before them. */
	fb->fb_accessops = (struct wsdisplay_accessops){
		.ioctl = fbcons_ioctl,
		.mmap = fbcons_mmap,
	};
	vcons_init(&fb->fb_vd, fb, &fb->fb_descr, &fb->fb_accessops);
	fb->fb_vd.init_screen = fbcons_init_screen;
	attr = fbcons_first_screen(fb);

	prop_dictionary_get_bool(
	    device_properties(fb->fb_dev), "is_console", &fb->fb_console);
	if (fb->fb_console) {
		wsdisplay_cnattach(
		    &fb->fb_descr, &fb->fb_screen.scr_ri, 0, 0, attr);
		vcons_replay_msgbuf(&fb->fb_screen);
	}

	aa = (struct wsemuldisplaydev_attach_args){
		.console = fb->fb_console,
		.scrdata = &fb->fb_screenlist,
		.accessops = &fb->fb_accessops,
		.accesscookie = &fb->fb_vd,
	};
#ifdef CFARGS
	fb->fb_child = config_found(fb->fb_dev, &aa, wsemuldisplaydevprint,
			   CFARGS(.iattr = "wsemuldisplaydev")) != NULL;
#else
	fb->fb_child = config_found(fb->fb_dev, &aa, wsemuldisplaydevprint) !=
	    NULL;
#endif

	if (!pmf_device_register(fb->fb_dev, NULL, NULL))
		aprint_error_dev(
		    fb->fb_dev, "couldn't establish power handler\n");
}

/* The font that rasops_init() took. */
static void
fbcons_free_screen(struct fbcons *fb)
{
	const int font = fb->fb_screen.scr_ri.ri_wsfcookie;

	fb->fb_accessops.free_screen(&fb->fb_vd, &fb->fb_screen);
	if (font > 0)
		wsfont_unlock(font);
	fb->fb_attached = false;
}

int
fbcons_detach(struct fbcons *fb, int flags)
{
	int error;

	if (fb->fb_attached) {
		/* Only a wsdisplay can end the console that it took over. */
		if (fb->fb_console && !fb->fb_child)
			return EBUSY;
		error = config_detach_children(fb->fb_dev, flags);
		if (error != 0)
			return error;
		pmf_device_deregister(fb->fb_dev);
		if (fb->fb_ops->leave_text != NULL)
			fb->fb_ops->leave_text(fb);
		fbcons_free_screen(fb);
	}
	if (fb->fb_memsize != 0) {
		bus_space_unmap(fb->fb_memt, fb->fb_memh, fb->fb_memsize);
		fb->fb_memsize = 0;
	}
	return 0;
}

static void
fbcons_init_screen(
    void *cookie, struct vcons_screen *scr, int existing, long *attr)
{
	struct fbcons *fb = cookie;
	struct rasops_info *ri = &scr->scr_ri;

	ri->ri_depth = fb->fb_mode.fm_depth;
	ri->ri_width = fb->fb_mode.fm_width;
	ri->ri_height = fb->fb_mode.fm_height;
	ri->ri_stride = fb->fb_mode.fm_stride;
	ri->ri_bits = fb->fb_mem;
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
	if (fb->fb_ops->init_screen != NULL)
		fb->fb_ops->init_screen(fb, scr);
}

static int
fbcons_getcmap(struct fbcons *fb, const struct wsdisplay_cmap *cm)
{
	u_char *const to[] = { cm->red, cm->green, cm->blue };
	u_int gun;
	int error = 0;

	if (fb->fb_mode.fm_depth != 8 || cm->index > 255 ||
	    cm->count > 256 - cm->index)
		return EINVAL;
	for (gun = 0; gun < __arraycount(to) && error == 0; gun++)
		error = copyout(
		    &fb->fb_cmap[gun][cm->index], to[gun], cm->count);
	return error;
}

static int
fbcons_putcmap(struct fbcons *fb, const struct wsdisplay_cmap *cm)
{
	const u_char *const from[] = { cm->red, cm->green, cm->blue };
	uint8_t cmap[3][256];
	u_int gun;
	int error = 0;

	if (fb->fb_mode.fm_depth != 8 || cm->index > 255 ||
	    cm->count > 256 - cm->index)
		return EINVAL;
	for (gun = 0; gun < __arraycount(from) && error == 0; gun++)
		error = copyin(from[gun], cmap[gun], cm->count);
	if (error != 0)
		return error;
	for (gun = 0; gun < __arraycount(from); gun++)
		memcpy(&fb->fb_cmap[gun][cm->index], cmap[gun], cm->count);
	fb->fb_ops->load_cmap(fb, cm->index, cm->count);
	return 0;
}

/* A program that had the framebuffer may have left anything in it. */
static int
fbcons_set_wsmode(struct fbcons *fb, u_int mode)
{
	struct vcons_screen *scr = fb->fb_vd.active;
	int error = 0;

	if (mode == fb->fb_wsmode)
		return 0;
	if (mode != WSDISPLAYIO_MODE_EMUL) {
		if (fb->fb_ops->leave_text != NULL)
			fb->fb_ops->leave_text(fb);
	} else {
		error = fb->fb_ops->set_mode(fb);
		if (fb->fb_ops->enter_text != NULL)
			fb->fb_ops->enter_text(fb);
		fbcons_default_cmap(fb);
	}
	fb->fb_wsmode = mode;
	if (mode == WSDISPLAYIO_MODE_EMUL && scr != NULL)
		vcons_redraw_screen(scr);
	return error;
}

static int
fbcons_ioctl(void *v, void *vs, u_long cmd, void *data, int flag, struct lwp *l)
{
	struct vcons_data *vd = v;
	struct fbcons *fb = vd->cookie;
	struct wsdisplay_fbinfo *wdf;

	switch (cmd) {
	case WSDISPLAYIO_GTYPE:
		*(u_int *)data = WSDISPLAY_TYPE_PCIMISC;
		return 0;

	case PCI_IOC_CFGREAD:
	case PCI_IOC_CFGWRITE:
		return pci_devioctl(fb->fb_pc, fb->fb_tag, cmd, data, flag, l);

	case WSDISPLAYIO_GET_BUSID:
		return wsdisplayio_busid_pci(
		    fb->fb_dev, fb->fb_pc, fb->fb_tag, data);

	case WSDISPLAYIO_GINFO:
		wdf = data;
		wdf->width = fb->fb_mode.fm_width;
		wdf->height = fb->fb_mode.fm_height;
		wdf->depth = fb->fb_mode.fm_depth;
		wdf->cmsize = fb->fb_mode.fm_depth == 8 ? 256 : 0;
		return 0;

	case WSDISPLAYIO_LINEBYTES:
		*(u_int *)data = fb->fb_mode.fm_stride;
		return 0;

	case WSDISPLAYIO_GET_FBINFO:
		return wsdisplayio_get_fbinfo(&fb->fb_screen.scr_ri, data);

	case WSDISPLAYIO_GET_EDID:
		return wsdisplayio_get_edid(fb->fb_dev, data);

	case WSDISPLAYIO_GETCMAP:
		return fbcons_getcmap(fb, data);

	case WSDISPLAYIO_PUTCMAP:
		return fbcons_putcmap(fb, data);

	case WSDISPLAYIO_GVIDEO:
		*(u_int *)data = fb->fb_blank ? WSDISPLAYIO_VIDEO_OFF
					      : WSDISPLAYIO_VIDEO_ON;
		return 0;

	case WSDISPLAYIO_SVIDEO:
		fb->fb_ops->blank(fb, *(u_int *)data == WSDISPLAYIO_VIDEO_OFF);
		return 0;

	case WSDISPLAYIO_GMODE:
		*(u_int *)data = fb->fb_wsmode;
		return 0;

	case WSDISPLAYIO_SMODE:
		return fbcons_set_wsmode(fb, *(u_int *)data);
	}
	return EPASSTHROUGH;
}

static paddr_t
fbcons_mmap(void *v, void *vs, off_t offset, int prot)
{
	struct vcons_data *vd = v;
	struct fbcons *fb = vd->cookie;

	if (offset < 0 || (uint64_t)offset >= fb->fb_memsize)
		return -1;
	return bus_space_mmap(fb->fb_memt, fb->fb_memaddr, offset, prot,
	    BUS_SPACE_MAP_LINEAR | BUS_SPACE_MAP_PREFETCHABLE);
}
