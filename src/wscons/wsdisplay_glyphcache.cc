// SPDX-License-Identifier: BSD-2-Clause
// Glyphs in spare video memory. The memory is a grid of cells; a bucket is a run of cells that
// holds the characters of one attribute, and the first bucket is the default attribute's for good.
#include "netbsd/dev/wscons/wsdisplay_glyphcachevar.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <map>
#include <mutex>
#include <vector>

#include "netbsd/dev/wscons/wsdisplay_vconsvar.h"
#include "netbsd/sys/timevar.h"

namespace pupci::wscons {
namespace {

constexpr std::uint32_t absent = UINT32_MAX;
constexpr int nobody = -1;
constexpr int coordinates = 1 << 16;

// NetBSD has no function to give a cache up, so its buckets are kept here, by its address.
struct Owned {
  std::mutex mutex;
  std::map<const glyphcache*, std::vector<gc_bucket>> buckets;
};

Owned& owned() {
  static Owned& owned = *new Owned;
  return owned;
}

// Both colours in eight bits, -1 if there is more in the attribute than a cell can hold.
int attribute_index(long attr) {
  constexpr long colours = 0x0f0f0000;
  constexpr long flags = 0xffff;
  if ((attr & ~(colours | flags)) != 0) return -1;
  return static_cast<int>((attr >> 16 & 0x0f) | (attr >> 20 & 0xf0));
}

bool is_kept(int character) {
  return character >= GLYPHCACHE_FIRSTCHAR && character < GLYPHCACHE_FIRSTCHAR + GLYPHCACHE_CHARS;
}

std::uint32_t& place_of(gc_bucket& bucket, int character) {
  return bucket.gb_map[character - GLYPHCACHE_FIRSTCHAR];
}

void empty(gc_bucket& bucket, int index) {
  bucket.gb_usedcells = 0;
  bucket.gb_index = index;
  bucket.gb_lastread = time_uptime;
  std::fill(std::begin(bucket.gb_map), std::end(bucket.gb_map), absent);
}

// Cells for the glyphs' size; 0 or ENOMEM.
int lay_out(glyphcache& gc, int cell_width, int cell_height) {
  gc.gc_numbuckets = 0;
  gc.gc_next = nullptr;
  if (cell_width <= 0 || cell_height <= 0) return ENOMEM;
  const int align = std::max(gc.gc_cellalign, 1);
  gc.gc_cellwidth = cell_width;
  gc.gc_cellheight = cell_height;
  gc.gc_cellstride = (cell_width + align - 1) / align * align;
  gc.gc_cellsperline = std::max(gc.gc_width, 0) / gc.gc_cellstride;
  gc.gc_numcells = std::max(gc.gc_lines, 0) / cell_height * gc.gc_cellsperline;
  const int buckets = (gc.gc_numcells + GLYPHCACHE_CHARS - 1) / GLYPHCACHE_CHARS;
  if (buckets < 1) return ENOMEM;
  if (buckets > gc.gc_nbuckets) {
    try {
      const std::scoped_lock lock(owned().mutex);
      std::vector<gc_bucket>& storage = owned().buckets[&gc];
      storage.resize(static_cast<std::size_t>(buckets));
      gc.gc_buckets = storage.data();
      gc.gc_nbuckets = buckets;
    } catch (const std::exception&) {
      return ENOMEM;
    }
  }
  gc.gc_numbuckets = buckets;
  for (int i = 0; i < buckets; i++) {
    const int first = i * GLYPHCACHE_CHARS;
    gc.gc_buckets[i].gb_firstcell = first;
    gc.gc_buckets[i].gb_numcells = std::min(GLYPHCACHE_CHARS, gc.gc_numcells - first);
  }
  return 0;
}

void assign(glyphcache& gc, int bucket, int index) {
  empty(gc.gc_buckets[bucket], index);
  if (index != nobody) gc.gc_attrmap[index] = bucket;
}

void start(glyphcache& gc, int index) {
  std::fill(std::begin(gc.gc_attrmap), std::end(gc.gc_attrmap), nobody);
  for (int i = 0; i < gc.gc_numbuckets; i++) assign(gc, i, i == 0 ? index : nobody);
}

// A bucket for an attribute that has none: a free one, or the one not read for longest.
gc_bucket* take_bucket(glyphcache& gc, int index) {
  int chosen = nobody;
  for (int i = 1; i < gc.gc_numbuckets; i++) {
    const gc_bucket& bucket = gc.gc_buckets[i];
    if (chosen == nobody || bucket.gb_lastread < gc.gc_buckets[chosen].gb_lastread) chosen = i;
    if (bucket.gb_index != nobody) continue;
    chosen = i;
    break;
  }
  if (chosen == nobody) return nullptr;
  const int before = gc.gc_buckets[chosen].gb_index;
  if (before != nobody) gc.gc_attrmap[before] = nobody;
  assign(gc, chosen, index);
  return &gc.gc_buckets[chosen];
}

void underline_if_asked(glyphcache& gc, int x, int y, long attr) {
  if ((attr & WSATTR_UNDERLINE) != 0) glyphcache_underline(&gc, x, y, attr);
}

}  // namespace
}  // namespace pupci::wscons

using namespace pupci::wscons;

int glyphcache_init(glyphcache* gc, int first, int lines, int width, int cell_width,
                    int cell_height, long attr) {
  return glyphcache_init_align(gc, first, lines, width, cell_width, cell_height, attr, 0);
}

int glyphcache_init_x(glyphcache* gc, int column, int first, int lines, int width, int cell_width,
                      int cell_height, long attr) {
  const int error = glyphcache_init(gc, first, lines, std::min(width, coordinates - column),
                                    cell_width, cell_height, attr);
  gc->gc_firstcol = column;
  return error;
}

int glyphcache_init_align(glyphcache* gc, int first, int lines, int width, int cell_width,
                          int cell_height, long attr, int align) {
  gc->gc_firstline = first;
  gc->gc_firstcol = 0;
  gc->gc_lines = std::min(lines, coordinates - first);
  gc->gc_width = std::min(width, coordinates);
  gc->gc_cellalign = align;
  gc->gc_fontcookie = nobody;
  gc->gc_buckets = nullptr;
  gc->gc_nbuckets = 0;
  return glyphcache_reconfig(gc, cell_width, cell_height, attr);
}

int glyphcache_reconfig(glyphcache* gc, int cell_width, int cell_height, long attr) {
  const int error = lay_out(*gc, cell_width, cell_height);
  start(*gc, attribute_index(attr));
  return error;
}

void glyphcache_adapt(vcons_screen* screen, void* cookie) {
  auto* gc = static_cast<glyphcache*>(cookie);
  const rasops_info& ri = screen->scr_ri;
  if (ri.ri_wsfcookie == gc->gc_fontcookie) return;
  glyphcache_reconfig(gc, static_cast<int>(ri.ri_font->fontwidth),
                      static_cast<int>(ri.ri_font->fontheight), screen->scr_defattr);
  gc->gc_fontcookie = ri.ri_wsfcookie;
}

void glyphcache_wipe(glyphcache* gc) {
  if (gc->gc_numbuckets > 0) start(*gc, gc->gc_buckets[0].gb_index);
}

int glyphcache_add(glyphcache* gc, int character, int x, int y) {
  gc_bucket* bucket = gc->gc_next;
  if (bucket == nullptr || !is_kept(character) ||
      bucket->gb_usedcells >= static_cast<unsigned>(bucket->gb_numcells)) {
    return ENOMEM;
  }
  const int cell = bucket->gb_firstcell + static_cast<int>(bucket->gb_usedcells);
  bucket->gb_usedcells = bucket->gb_usedcells + 1;
  const int cell_x = gc->gc_firstcol + cell % gc->gc_cellsperline * gc->gc_cellstride;
  const int cell_y = gc->gc_firstline + cell / gc->gc_cellsperline * gc->gc_cellheight;
  place_of(*bucket, character) = static_cast<std::uint32_t>(cell_x << 16 | cell_y);
  gc->gc_bitblt(gc->gc_blitcookie, x, y, cell_x, cell_y, gc->gc_cellwidth, gc->gc_cellheight,
                gc->gc_rop);
  underline_if_asked(*gc, x, y, gc->gc_underline);
  return 0;
}

int glyphcache_try(glyphcache* gc, int character, int x, int y, long attr) {
  const int index = attribute_index(attr);
  if (gc->gc_numbuckets < 1 || !is_kept(character) || index < 0) return GC_NOPE;
  const int has = gc->gc_attrmap[index];
  gc_bucket* bucket = has == nobody ? take_bucket(*gc, index) : &gc->gc_buckets[has];
  if (bucket == nullptr) return GC_NOPE;
  const std::uint32_t place = place_of(*bucket, character);
  if (place == absent) {
    if (bucket->gb_usedcells >= static_cast<unsigned>(bucket->gb_numcells)) return GC_NOPE;
    gc->gc_next = bucket;
    gc->gc_underline = attr;
    return GC_ADD;
  }
  gc->gc_bitblt(gc->gc_blitcookie, static_cast<int>(place >> 16), static_cast<int>(place & 0xffff),
                x, y, gc->gc_cellwidth, gc->gc_cellheight, gc->gc_rop);
  underline_if_asked(*gc, x, y, attr);
  bucket->gb_lastread = time_uptime;
  return GC_OK;
}

void glyphcache_underline(glyphcache* gc, int x, int y, long attr) {
  if (gc->gc_rectfill == nullptr) return;
  // Where rasops(9) puts it.
  const int below = gc->gc_cellheight / 16;
  const int thick = (gc->gc_cellheight + 15) / 16;
  gc->gc_rectfill(gc->gc_blitcookie, x, y + gc->gc_cellheight - below - thick, gc->gc_cellwidth,
                  thick, attr);
}
