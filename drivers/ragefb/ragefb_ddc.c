/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ragefb(4): the monitor's EDID, read over the two lines of its plug (DDC2B).
 *
 * Each line is pulled up; whoever wants it low drives it.  The data line may
 * change only while the clock is low: a change while it is high is a start or a
 * stop.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <dev/videomode/videomode.h>
#include <dev/videomode/edidvar.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

#define DDC_WRITE_ADDR 0xa0
#define DDC_READ_ADDR  0xa1
#define DDC_HALF_BIT   5 /* microseconds: 100 kHz */

/* Lets the lines go, or drives them low. */
static void
ragefb_ddc_lines(struct ragefb_softc *sc, bool scl, bool sda)
{
	uint32_t reg = RAGE_MONID_MASK_SDA | RAGE_MONID_MASK_SCL;

	if (!scl)
		reg |= RAGE_MONID_DRIVE_SCL;
	if (!sda)
		reg |= RAGE_MONID_DRIVE_SDA;
	ragefb_write(sc, RAGE_GPIO_MONID, reg);
	delay(DDC_HALF_BIT);
}

static void
ragefb_ddc_start(struct ragefb_softc *sc)
{

	ragefb_ddc_lines(sc, true, true);
	ragefb_ddc_lines(sc, true, false);
	ragefb_ddc_lines(sc, false, false);
}

static void
ragefb_ddc_stop(struct ragefb_softc *sc)
{

	ragefb_ddc_lines(sc, false, false);
	ragefb_ddc_lines(sc, true, false);
	ragefb_ddc_lines(sc, true, true);
}

static void
ragefb_ddc_put_bit(struct ragefb_softc *sc, bool bit)
{

	ragefb_ddc_lines(sc, false, bit);
	ragefb_ddc_lines(sc, true, bit);
	ragefb_ddc_lines(sc, false, bit);
}

static bool
ragefb_ddc_get_bit(struct ragefb_softc *sc)
{
	bool bit;

	ragefb_ddc_lines(sc, false, true);
	ragefb_ddc_lines(sc, true, true);
	bit = (ragefb_read(sc, RAGE_GPIO_MONID) & RAGE_MONID_IN_SDA) != 0;
	ragefb_ddc_lines(sc, false, true);
	return bit;
}

/* Returns whether the monitor acknowledged. */
static bool
ragefb_ddc_put(struct ragefb_softc *sc, uint8_t byte)
{
	int i;

	for (i = 7; i >= 0; i--)
		ragefb_ddc_put_bit(sc, (byte & __BIT(i)) != 0);
	return !ragefb_ddc_get_bit(sc);
}

static uint8_t
ragefb_ddc_get(struct ragefb_softc *sc, bool more)
{
	uint8_t byte = 0;
	int i;

	for (i = 0; i < 8; i++)
		byte = byte << 1 | (ragefb_ddc_get_bit(sc) ? 1 : 0);
	ragefb_ddc_put_bit(sc, !more);
	return byte;
}

bool
ragefb_read_edid(struct ragefb_softc *sc, uint8_t *edid)
{
	bool there;
	int i;

	ragefb_ddc_start(sc);
	there = ragefb_ddc_put(sc, DDC_WRITE_ADDR) && ragefb_ddc_put(sc, 0);
	if (there) {
		ragefb_ddc_start(sc);
		there = ragefb_ddc_put(sc, DDC_READ_ADDR);
	}
	for (i = 0; there && i < 128; i++)
		edid[i] = ragefb_ddc_get(sc, i < 127);
	ragefb_ddc_stop(sc);
	ragefb_write(sc, RAGE_GPIO_MONID, 0);
	return there && edid_is_valid(edid) == 0;
}
