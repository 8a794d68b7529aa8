/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fbcons: the memory and the mode of a console on a linear framebuffer.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/kmem.h>
#include <sys/bus.h>

#include <prop/proplib.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include <dev/videomode/videomode.h>
#include <dev/videomode/edidvar.h>

#include "fbconsvar.h"

void
fbcons_init(struct fbcons *fb, device_t self, const struct pci_attach_args *pa,
    const struct fbcons_ops *ops, void *cookie)
{

	fb->fb_dev = self;
	fb->fb_pc = pa->pa_pc;
	fb->fb_tag = pa->pa_tag;
	fb->fb_ops = ops;
	fb->fb_cookie = cookie;
}

int
fbcons_map(struct fbcons *fb, const struct pci_attach_args *pa, int bar)
{

	if (pci_mapreg_map(pa, bar, pci_mapreg_type(pa->pa_pc, pa->pa_tag, bar),
		BUS_SPACE_MAP_LINEAR | BUS_SPACE_MAP_PREFETCHABLE, &fb->fb_memt,
		&fb->fb_memh, &fb->fb_memaddr, &fb->fb_memsize) != 0) {
		fb->fb_memsize = 0;
		aprint_error_dev(fb->fb_dev, "can't map video memory\n");
		return ENXIO;
	}
	fb->fb_mem = bus_space_vaddr(fb->fb_memt, fb->fb_memh);
	if (fb->fb_mem == NULL) {
		aprint_error_dev(
		    fb->fb_dev, "video memory has no linear mapping\n");
		return ENXIO;
	}
	return 0;
}

void
fbcons_preferred_mode(struct fbcons *fb, const uint8_t *edid)
{
	struct fbcons_mode *fm = &fb->fb_mode;
	struct edid_info *info;
	prop_data_t data;

	fm->fm_width = 1024;
	fm->fm_height = 768;
	fm->fm_depth = 32;

	if (edid == NULL) {
		aprint_verbose_dev(fb->fb_dev, "no EDID\n");
		return;
	}
	data = prop_data_create_data(edid, 128);
	if (data != NULL) {
		prop_dictionary_set(
		    device_properties(fb->fb_dev), "EDID", data);
		prop_object_release(data);
	}

	info = kmem_zalloc(sizeof(*info), KM_SLEEP);
	if (edid_parse(__UNCONST(edid), info) == 0) {
		aprint_verbose_dev(fb->fb_dev, "monitor %s %s\n",
		    info->edid_vendorname, info->edid_productname);
		if (info->edid_preferred_mode != NULL) {
			fm->fm_width = info->edid_preferred_mode->hdisplay;
			fm->fm_height = info->edid_preferred_mode->vdisplay;
		}
	}
	kmem_free(info, sizeof(*info));
}

/*
 * Takes a number from the properties if it is there: false, and a message, if
 * it is something else than a number.
 */
static bool
fbcons_property(
    struct fbcons *fb, const char *name, uint32_t *value, bool *found)
{
	prop_dictionary_t dict = device_properties(fb->fb_dev);

	*found = prop_dictionary_get(dict, name) != NULL;
	if (!*found || prop_dictionary_get_uint32(dict, name, value))
		return true;
	aprint_error_dev(
	    fb->fb_dev, "property %s is not a number of 32 bits\n", name);
	return false;
}

int
fbcons_properties(struct fbcons *fb, bool *have_stride)
{
	struct fbcons_mode *fm = &fb->fb_mode;
	bool found;

	if (!fbcons_property(fb, "width", &fm->fm_width, &found) ||
	    !fbcons_property(fb, "height", &fm->fm_height, &found) ||
	    !fbcons_property(fb, "depth", &fm->fm_depth, &found) ||
	    !fbcons_property(fb, "linebytes", &fm->fm_stride, have_stride))
		return EINVAL;
	return 0;
}

int
fbcons_check_memory(const struct fbcons *fb, bus_size_t memory)
{
	const struct fbcons_mode *fm = &fb->fb_mode;
	const uint64_t needed = (uint64_t)fm->fm_stride * fm->fm_height;

	if (needed <= memory)
		return 0;
	aprint_error_dev(fb->fb_dev,
	    "%ux%u at %u bits needs %u KB of video memory, there are %u KB\n",
	    fm->fm_width, fm->fm_height, fm->fm_depth,
	    (u_int)howmany(needed, 1024), (u_int)(memory / 1024));
	return EINVAL;
}

void
fbcons_print_mode(const struct fbcons *fb)
{
	const struct fbcons_mode *fm = &fb->fb_mode;

	aprint_normal_dev(fb->fb_dev, "%ux%u, %u bits, lines of %u bytes\n",
	    fm->fm_width, fm->fm_height, fm->fm_depth, fm->fm_stride);
}
