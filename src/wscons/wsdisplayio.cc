// SPDX-License-Identifier: BSD-2-Clause
// Answers to a display's requests that are the same in every driver: wsdisplay(9).
#include <cerrno>
#include <cstring>

#include "netbsd/dev/pci/pcivar.h"
#include "netbsd/dev/pci/wsdisplay_pci.h"
#include "netbsd/dev/rasops/rasops.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "netbsd/prop/proplib.h"
#include "netbsd/sys/systm.h"

int wsdisplayio_get_edid(device_t self, wsdisplayio_edid_info* info) {
  const void* edid = nullptr;
  std::size_t size = 0;
  if (!prop_dictionary_get_data(device_properties(self), "EDID", &edid, &size) || size == 0) {
    return ENODEV;
  }
  info->data_size = static_cast<std::uint32_t>(size);
  if (info->buffer_size < size) return EAGAIN;
  return copyout(edid, info->edid_data, size);
}

int wsdisplayio_get_fbinfo(rasops_info* ri, wsdisplayio_fbinfo* info) {
  *info = {};
  const auto unsigned_of = [](int value) { return static_cast<std::uint32_t>(value); };
  info->fbi_width = unsigned_of(ri->ri_width);
  info->fbi_height = unsigned_of(ri->ri_height);
  info->fbi_stride = unsigned_of(ri->ri_stride);
  info->fbi_fbsize = std::uint64_t{info->fbi_stride} * info->fbi_height;
  info->fbi_bitsperpixel = unsigned_of(ri->ri_depth == 15 ? 16 : ri->ri_depth);
  if (ri->ri_depth <= 8) {
    info->fbi_pixeltype = WSFB_CI;
    info->fbi_subtype.fbi_cmapinfo.cmap_entries = 1u << unsigned_of(ri->ri_depth);
    return 0;
  }
  info->fbi_pixeltype = WSFB_RGB;
  // Who reads the memory does so in the machine's byte order. Of fields that are not whole bytes
  // nothing true can be said then.
  const bool swapped = (ri->ri_flg & RI_BSWAP) != 0 && ri->ri_depth == 32;
  const auto offset = [swapped](unsigned at, unsigned bits) {
    return swapped && at + bits <= 32 ? 32 - bits - at : at;
  };
  auto& masks = info->fbi_subtype.fbi_rgbmasks;
  masks.red_offset = offset(ri->ri_rpos, ri->ri_rnum);
  masks.red_size = ri->ri_rnum;
  masks.green_offset = offset(ri->ri_gpos, ri->ri_gnum);
  masks.green_size = ri->ri_gnum;
  masks.blue_offset = offset(ri->ri_bpos, ri->ri_bnum);
  masks.blue_size = ri->ri_bnum;
  return 0;
}

int wsdisplayio_busid_pci(device_t self, pci_chipset_tag_t pc, pcitag_t tag, void* data) {
  auto* const id = static_cast<wsdisplayio_bus_id*>(data);
  int bus = 0;
  int device = 0;
  int function = 0;
  pci_decompose_tag(pc, tag, &bus, &device, &function);
  *id = {};
  id->bus_type = WSDISPLAYIO_BUS_PCI;
  id->ubus.pci.domain = static_cast<std::uint32_t>(device_unit(device_parent(self)));
  id->ubus.pci.bus = static_cast<std::uint32_t>(bus);
  id->ubus.pci.device = static_cast<std::uint32_t>(device);
  id->ubus.pci.function = static_cast<std::uint32_t>(function);
  return 0;
}
