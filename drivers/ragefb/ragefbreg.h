/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of the ATI Rage 128 Pro that a console needs.
 *
 * BAR 0 is the video memory, BAR 1 the first 256 bytes of the registers as
 * ports, BAR 2 all the registers.
 */
#ifndef _DEV_PCI_RAGEFBREG_H_
#define _DEV_PCI_RAGEFBREG_H_

#define RAGEFB_VENDOR	   0x1002
#define RAGEFB_PRODUCT	   0x5046     /* "PF", Rage 128 Pro AGP 4x */
#define RAGEFB_QEMU_SUBSYS 0x11001af4 /* the model in QEMU */

#define RAGEFB_BAR_MEM	PCI_BAR(0)
#define RAGEFB_BAR_REG	PCI_BAR(2)
#define RAGEFB_REG_SIZE 0x2000 /* what is used of it */

/* display controller */
#define RAGE_CRTC_GEN_CNTL     0x0050
#define RAGE_CRTC_PIX_WIDTH    __BITS(10, 8)
#define RAGE_PIX_8	       2
#define RAGE_PIX_15	       3
#define RAGE_PIX_16	       4
#define RAGE_PIX_24	       5
#define RAGE_PIX_32	       6
#define RAGE_CRTC_EXT_DISP_EN  __BIT(24) /* not a VGA any more */
#define RAGE_CRTC_EN	       __BIT(25)
#define RAGE_CRTC_EXT_CNTL     0x0054
#define RAGE_CRTC_ATI_LINEAR   __BIT(3)
#define RAGE_CRTC_VGA_CNT_EN   __BIT(6)
#define RAGE_CRTC_DISPLAY_DIS  __BIT(10)
#define RAGE_DAC_CNTL	       0x0058
#define RAGE_DAC_8BIT_EN       __BIT(8)
#define RAGE_DAC_MASK	       __BITS(31, 24)
#define RAGE_PALETTE_INDEX     0x00b0
#define RAGE_PALETTE_DATA      0x00b4 /* 0x00rrggbb; the index advances */
#define RAGE_CONFIG_MEMSIZE    0x00f8 /* bytes */
#define RAGE_CRTC_H_TOTAL_DISP 0x0200 /* characters of 8 pixels, less 1 */
#define RAGE_CRTC_H_SYNC       0x0204 /* start in pixels, width in characters */
#define RAGE_CRTC_V_TOTAL_DISP 0x0208 /* lines, less 1 */
#define RAGE_CRTC_V_SYNC       0x020c
#define RAGE_CRTC_DISP	       __BITS(26, 16)
#define RAGE_CRTC_V_DISP       __BITS(27, 16)
#define RAGE_CRTC_TOTAL	       __BITS(10, 0)
#define RAGE_CRTC_V_TOTAL      __BITS(11, 0)
#define RAGE_CRTC_SYNC_START   __BITS(11, 0)
#define RAGE_CRTC_SYNC_WIDTH   __BITS(21, 16)
#define RAGE_CRTC_OFFSET       0x0224
#define RAGE_CRTC_OFFSET_CNTL  0x0228
#define RAGE_CRTC_PITCH	       0x022c /* units of 8 pixels */

/* The monitor's serial lines: four bits in each of the four bytes. */
#define RAGE_GPIO_MONID	     0x0068
#define RAGE_MONID_OUT_SDA   __BIT(1)
#define RAGE_MONID_OUT_SCL   __BIT(2)
#define RAGE_MONID_IN_SDA    __BIT(9)
#define RAGE_MONID_IN_SCL    __BIT(10)
#define RAGE_MONID_DRIVE_SDA __BIT(17)
#define RAGE_MONID_DRIVE_SCL __BIT(18)
#define RAGE_MONID_MASK_SDA  __BIT(25)
#define RAGE_MONID_MASK_SCL  __BIT(26)

/* drawing engine; all of it behind a queue of 64 writes */
#define RAGE_PC_NGUI_CTLSTAT 0x0184
#define RAGE_PC_FLUSH	     __BITS(7, 0)
#define RAGE_PC_BUSY	     __BIT(31)
#define RAGE_GUI_STAT	     0x1740
#define RAGE_GUI_FIFO	     __BITS(11, 0) /* writes that it has room for */
#define RAGE_GUI_ACTIVE	     __BIT(31)
#define RAGE_GUI_FIFO_SIZE   64

#define RAGE_DST_OFFSET		     0x1404
#define RAGE_DST_PITCH		     0x1408 /* units of 8 pixels */
#define RAGE_SRC_OFFSET		     0x15ac
#define RAGE_SRC_PITCH		     0x15b0
#define RAGE_DEFAULT_OFFSET	     0x16e0
#define RAGE_DEFAULT_PITCH	     0x16e4
#define RAGE_DEFAULT_SC_BOTTOM_RIGHT 0x16e8
#define RAGE_SC_TOP_LEFT	     0x16ec
#define RAGE_SC_BOTTOM_RIGHT	     0x16f0
#define RAGE_AUX_SC_CNTL	     0x1660
#define RAGE_SC_MAX		     0x1fff1fff
#define RAGE_DP_WRITE_MASK	     0x16cc
#define RAGE_DP_BRUSH_FRGD_CLR	     0x147c
#define RAGE_DP_CNTL		     0x16c0
#define RAGE_DP_LEFT_TO_RIGHT	     __BIT(0)
#define RAGE_DP_TOP_TO_BOTTOM	     __BIT(1)
#define RAGE_SRC_Y_X		     0x1434 /* y in the upper half */
#define RAGE_DST_Y_X		     0x1438
#define RAGE_DST_HEIGHT_WIDTH	     0x143c /* and go */
#define RAGE_COORD_MAX		     0x1fff

#define RAGE_DP_GUI_MASTER_CNTL 0x146c
#define RAGE_GMC_SRC_PITCH_OFF	__BIT(0) /* SRC_*, not DEFAULT_* */
#define RAGE_GMC_DST_PITCH_OFF	__BIT(1)
#define RAGE_GMC_BRUSH		__BITS(7, 4)
#define RAGE_GMC_BRUSH_SOLID	13
#define RAGE_GMC_BRUSH_NONE	15
#define RAGE_GMC_DST_TYPE	__BITS(11, 8) /* RAGE_PIX_* */
#define RAGE_GMC_SRC_TYPE	__BITS(13, 12)
#define RAGE_GMC_SRC_COLOR	3
#define RAGE_GMC_ROP		__BITS(23, 16)
#define RAGE_GMC_ROP_SRC	0xcc
#define RAGE_GMC_ROP_PATTERN	0xf0
#define RAGE_GMC_SOURCE		__BITS(26, 24)
#define RAGE_GMC_SOURCE_MEMORY	2
#define RAGE_GMC_NO_COLOR_CMP	__BIT(28)
#define RAGE_GMC_NO_AUX_CLIP	__BIT(29)

#endif /* !_DEV_PCI_RAGEFBREG_H_ */
