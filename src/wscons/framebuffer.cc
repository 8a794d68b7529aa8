// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/framebuffer.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <vector>

#include "kern/bus_space.h"
#include "kern/console.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/user_memory.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/param.h"

namespace pupci::wscons {
namespace {

constexpr int readable = 1;  // PROT_READ of mmap(2)
// A wider or higher mode is a driver's mistake.
constexpr unsigned longest_side = 32767;
// Rows are read together when what lies between them costs less than another read.
constexpr std::uint64_t cheap = 4096;

// What most devices have where a driver does not say.
void set_usual_fields(PixelFormat& format, unsigned depth) {
  switch (depth) {
    case 8:
      format.red = {5, 3};
      format.green = {2, 3};
      format.blue = {0, 2};
      return;
    case 15:
      format.red = {10, 5};
      format.green = {5, 5};
      format.blue = {0, 5};
      return;
    case 16:
      format.red = {11, 5};
      format.green = {5, 6};
      format.blue = {0, 5};
      return;
    default:
      format.red = {16, 8};
      format.green = {8, 8};
      format.blue = {0, 8};
  }
}

void set_greys(PixelFormat& format) {
  const unsigned bits = std::min(format.bits, 8U);
  for (unsigned i = 0; i < 1U << bits; ++i) format.palette[i] = widen(i, bits) * 0x010101U;
}

}  // namespace

Framebuffer::Framebuffer(const wsdisplay_accessops& ops, void* cookie, std::string name)
    : ops_(ops), cookie_(cookie), name_(std::move(name)) {}

int Framebuffer::ioctl(void* screen, unsigned long command, void* data) {
  if (ops_.ioctl == nullptr) return EPASSTHROUGH;
  const kern::KernelLock lock;
  return ops_.ioctl(cookie_, screen, command, data, FREAD, kern::current());
}

void Framebuffer::complain(const std::string& why) {
  {
    const std::scoped_lock lock(complaint_mutex_);
    if (why == complaint_) return;
    complaint_ = why;
  }
  if (!why.empty())
    kern::console_write(kern::Message::error,
                        fmt::format("{}: {}; its pixels cannot be shown\n", name_, why));
}

bool Framebuffer::ask_fbinfo(void* screen, Geometry& geometry) {
  wsdisplayio_fbinfo info{};
  if (ioctl(screen, WSDISPLAYIO_GET_FBINFO, &info) != 0) return false;
  geometry.size = {info.fbi_width, info.fbi_height};
  geometry.offset = info.fbi_fboffset;
  geometry.stride = info.fbi_stride;
  PixelFormat& format = geometry.format;
  format.bits = info.fbi_bitsperpixel == 15 ? 16 : info.fbi_bitsperpixel;
  format.indexed = info.fbi_pixeltype != WSFB_RGB;
  if (info.fbi_pixeltype == WSFB_RGB) {
    const auto& masks = info.fbi_subtype.fbi_rgbmasks;
    format.red = {masks.red_offset, masks.red_size};
    format.green = {masks.green_offset, masks.green_size};
    format.blue = {masks.blue_offset, masks.blue_size};
    if (masks.red_size + masks.green_size + masks.blue_size == 0)
      set_usual_fields(format, info.fbi_bitsperpixel);
  } else if (info.fbi_pixeltype == WSFB_CI) {
    ask_colours(screen, format);
  } else if (info.fbi_pixeltype == WSFB_GREYSCALE) {
    set_greys(format);
  } else {
    complain(fmt::format("pixels of type {} are not RGB, indices or greys", info.fbi_pixeltype));
    format.bits = 0;
  }
  return true;
}

bool Framebuffer::ask_ginfo(void* screen, Geometry& geometry) {
  wsdisplay_fbinfo info{};
  if (ioctl(screen, WSDISPLAYIO_GINFO, &info) != 0) return false;
  geometry.size = {info.width, info.height};
  PixelFormat& format = geometry.format;
  format.bits = info.depth == 15 ? 16 : info.depth;
  format.indexed = info.depth <= 8;
  set_usual_fields(format, info.depth);
  if (format.indexed) ask_colours(screen, format);
  u_int line = 0;
  geometry.stride = ioctl(screen, WSDISPLAYIO_LINEBYTES, &line) == 0 && line != 0
                        ? line
                        : format.bytes(info.width);
  return true;
}

void Framebuffer::ask_colours(void* screen, PixelFormat& format) {
  static constexpr std::uintptr_t address = 0x10000;  // in a user space of its own
  const unsigned count = 1U << std::min(format.bits, 8U);
  vmspace user;
  user.add(address, std::vector<std::byte>(std::size_t{count} * 3));
  const auto pointer = [&](unsigned i) {
    return reinterpret_cast<u_char*>(address + std::uintptr_t{i} * count);
  };
  wsdisplay_cmap map{0, count, pointer(0), pointer(1), pointer(2)};
  const kern::UserScope scope(&user);
  if (ioctl(screen, WSDISPLAYIO_GETCMAP, &map) != 0) {
    set_greys(format);
    return;
  }
  const auto& bytes = user.ranges().begin()->second.bytes;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t colour = 0; colour < 3; ++colour)
      format.palette[i] =
          format.palette[i] << 8U | std::to_integer<std::uint32_t>(bytes[colour * count + i]);
  }
}

// False when there is nothing to see; then the size is 0 x 0.
bool Framebuffer::learn(void* screen, Geometry& geometry) {
  std::string why;
  if (!ask_fbinfo(screen, geometry) && !ask_ginfo(screen, geometry)) {
    geometry.size = {};
    return false;
  }
  const auto [width, height] = geometry.size;
  const PixelFormat& format = geometry.format;
  if (width == 0 || height == 0) return false;
  if (ops_.mmap == nullptr) {
    why = "its driver has no mmap";
  } else if (width > longest_side || height > longest_side) {
    why = fmt::format("{} x {} pixels are too many", width, height);
  } else if (!format.valid()) {
    if (format.bits != 0) why = fmt::format("{} bits a pixel are not known", format.bits);
  } else if (geometry.stride < format.bytes(width)) {
    why = fmt::format("{} bytes a line do not hold {} pixels of {} bits", geometry.stride, width,
                      format.bits);
  }
  if (why.empty() && format.valid()) return true;
  if (!why.empty()) complain(why);
  geometry.size = {};
  return false;
}

// Pages are asked for one by one only where the driver's memory is in pieces.
bool Framebuffer::copy(void* screen, std::uint64_t offset, std::byte* to, std::size_t size) {
  static constexpr auto none = static_cast<paddr_t>(-1);
  const auto page_of = [&](std::uint64_t page) {
    const kern::KernelLock lock;
    return ops_.mmap(cookie_, screen, static_cast<off_t>(page * PAGE_SIZE), readable);
  };
  const std::uint64_t first = offset / PAGE_SIZE;
  const std::uint64_t last = (offset + size - 1) / PAGE_SIZE;
  const paddr_t start = page_of(first);
  if (start == none) return false;
  if (page_of(last) == start + (last - first))
    return kern::bus_space_read_physical(start, {to, size}, offset % PAGE_SIZE);
  for (std::uint64_t page = first; page <= last; ++page) {
    const std::size_t within = offset % PAGE_SIZE;
    const std::size_t part = std::min<std::size_t>(PAGE_SIZE - within, size);
    const paddr_t cookie = page_of(page);
    if (cookie == none || !kern::bus_space_read_physical(cookie, {to, part}, within)) return false;
    offset += part;
    to += part;
    size -= part;
  }
  return true;
}

Size Framebuffer::size(void* screen) noexcept {
  try {
    Geometry geometry;
    learn(screen, geometry);
    return geometry.size;
  } catch (const std::exception&) {
    return {};
  }
}

bool Framebuffer::read(void* screen, Rectangle what, std::uint32_t* to,
                       std::size_t stride) noexcept {
  try {
    Geometry geometry;
    if (!learn(screen, geometry)) return false;
    const auto [width, height] = geometry.size;
    if (what.x > width || what.width > width - what.x || what.y > height ||
        what.height > height - what.y)
      return false;
    if (what.width == 0 || what.height == 0) return true;
    const PixelReader reader(geometry.format);
    const std::uint64_t left = std::uint64_t{what.x} * geometry.format.bits / 8;
    const auto bytes = static_cast<std::size_t>(geometry.format.bytes(what.x + what.width) - left);
    const auto first_pixel = static_cast<std::size_t>(what.x - left * 8 / geometry.format.bits);
    const bool together = geometry.stride - bytes <= cheap;
    const unsigned rows = together ? what.height : 1;
    std::vector<std::byte> memory((rows - 1) * geometry.stride + bytes);
    for (unsigned y = 0; y < what.height; y += rows) {
      if (!copy(screen, geometry.offset + (what.y + y) * geometry.stride + left, memory.data(),
                memory.size())) {
        complain("memory that its driver tells of is not there");
        return false;
      }
      for (unsigned row = 0; row < rows; ++row)
        reader.convert(memory.data() + row * geometry.stride, first_pixel, what.width,
                       to + (y + row) * stride);
    }
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace pupci::wscons
