// SPDX-License-Identifier: BSD-2-Clause
// The driver "textfb".
#include <cerrno>
#include <mutex>

#include "kern/autoconf.h"
#include "kern/klock.h"
#include "kern/thread.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/systm.h"
#include "text_device.h"
#include "wscons/wsdisplay.h"

namespace pupci::wscons::test {
namespace {

TextDriver::Impl* the_driver = nullptr;

}  // namespace

struct TextDriver::Impl {
  explicit Impl(Options wanted) : options(wanted) {}

  Options options;
  std::unique_ptr<kern::Driver> wsdisplay;
  std::unique_ptr<kern::Driver> textfb;
  device_t self = nullptr;
  device_t child = nullptr;
  std::mutex mutex;
  std::vector<std::unique_ptr<TextDevice>> devices;
  TextDevice* shown = nullptr;
  int next_columns = 0;
  int next_rows = 0;
  wsscreen_descr type{};
  const wsscreen_descr* types[1]{&type};
  wsscreen_list list{1, types};
  wsdisplay_accessops access{};

  TextDevice* make() {
    const std::scoped_lock lock(mutex);
    if (static_cast<int>(devices.size()) >= options.screens) return nullptr;
    devices.push_back(std::make_unique<TextDevice>(options.columns, options.rows));
    return devices.back().get();
  }
};

namespace {

constexpr int cell_width = 8;
constexpr int cell_height = 16;

int do_ioctl(void* v, void* /*vs*/, unsigned long command, void* data, int /*flag*/, lwp* /*l*/) {
  auto* impl = static_cast<TextDriver::Impl*>(v);
  switch (command) {
    case WSDISPLAYIO_GINFO: {
      auto* info = static_cast<wsdisplay_fbinfo*>(data);
      info->width = static_cast<u_int>(impl->type.ncols * cell_width);
      info->height = static_cast<u_int>(impl->type.nrows * cell_height);
      info->depth = 8;
      info->cmsize = 256;
      return 0;
    }
    case WSDISPLAYIO_SVIDEO:
    case WSDISPLAYIO_SMODE:
      return 0;
    default:
      return EPASSTHROUGH;
  }
}

paddr_t do_mmap(void* /*v*/, void* /*vs*/, off_t offset, int /*prot*/) {
  return static_cast<paddr_t>(offset);
}

int alloc_screen(void* v, const wsscreen_descr* /*type*/, void** cookie, int* column, int* row,
                 long* attribute) {
  TextDevice* device = static_cast<TextDriver::Impl*>(v)->make();
  if (device == nullptr) return ENOMEM;
  *cookie = device;
  *column = *row = 0;
  *attribute = 0;
  return 0;
}

void free_screen(void* /*v*/, void* /*cookie*/) {}

int show_screen(void* v, void* cookie, int /*wait*/, void (*)(void*, int, int), void*) {
  auto* impl = static_cast<TextDriver::Impl*>(v);
  const std::scoped_lock lock(impl->mutex);
  impl->shown = static_cast<TextDevice*>(cookie);
  return 0;
}

// A font makes the screen another size; its data, if any, must have arrived.
int load_font(void* v, void* cookie, wsdisplay_font* font) {
  auto* impl = static_cast<TextDriver::Impl*>(v);
  if (cookie == nullptr) return font->data != nullptr ? 0 : EINVAL;
  if (font->name != nullptr && std::string(font->name) == "none") return ENOENT;
  impl->type.ncols = impl->next_columns;
  impl->type.nrows = impl->next_rows;
  return 0;
}

int match(device_t /*parent*/, cfdata_t /*cf*/, void* /*aux*/) {
  return 1;
}

void attach(device_t /*parent*/, device_t self, void* /*aux*/) {
  TextDriver::Impl& impl = *the_driver;
  impl.self = self;
  aprint_normal("\n");
  impl.type = {"textfb",
               impl.options.columns,
               impl.options.rows,
               &TextDevice::ops(),
               cell_width,
               cell_height,
               TextDevice::every_capability,
               nullptr};
  impl.access = {do_ioctl,    do_mmap,   alloc_screen, free_screen,
                 show_screen, load_font, nullptr,      nullptr};
  if (impl.options.console) {
    impl.shown = impl.make();
    wsdisplay_cnattach(&impl.type, impl.shown, 0, 0, 0);
    aprint_normal_dev(self, "before its display\n");
  }
  wsemuldisplaydev_attach_args args{impl.options.console ? 1 : 0, &impl.list, &impl.access, &impl};
  impl.child = config_found(self, &args, wsemuldisplaydevprint, CFARGS_NONE);
}

int detach(device_t self, int flags) {
  return config_detach_children(self, flags);
}

CFATTACH_DECL2_NEW(textfb, 4, match, attach, detach, nullptr, nullptr, null_childdetached);

struct Attribute {
  const char* name;
  int locators;
  cflocdesc locator[2];
};
const Attribute attribute = {"wsemuldisplaydev", 2, {{"console", "-1", -1}, {"kbdmux", "1", 1}}};
const cfiattrdata* const attributes[] = {reinterpret_cast<const cfiattrdata*>(&attribute), nullptr};
CFDRIVER_DECL(textfb, DV_DULL, attributes);
cfdriver* const drivers[] = {&textfb_cd, nullptr};
cfattach* const attachments[] = {&textfb_ca, nullptr};
const cfattachinit table[] = {{"textfb", attachments}, {nullptr, nullptr}};
cfdata entries[] = {{"textfb", "textfb", 0, FSTATE_STAR, nullptr, 0, nullptr},
                    {nullptr, nullptr, 0, 0, nullptr, 0, nullptr}};
const pupci_ioconf ioconf = {.abi = PUPCI_IOCONF_ABI,
                             .size = sizeof(pupci_ioconf),
                             .name = "textfb",
                             .cfdrivers = drivers,
                             .cfattachinit = table,
                             .cfdata = entries};

void in_kernel(const std::function<void()>& function) {
  kern::Thread thread("test", [&] {
    const kern::KernelLock lock;
    function();
  });
  thread.join();
}

}  // namespace

TextDriver::TextDriver(Options options) : impl_(std::make_unique<Impl>(options)) {
  the_driver = impl_.get();
  impl_->wsdisplay = kern::Driver::adopt(wsdisplay_ioconf());
  impl_->textfb = kern::Driver::adopt(&ioconf);
  in_kernel([] { config_rootfound("textfb", nullptr); });
}

TextDriver::~TextDriver() {
  detach();
  impl_->textfb.reset();
  impl_->wsdisplay.reset();
}

void TextDriver::detach() {
  if (impl_->self == nullptr) return;
  in_kernel([this] { config_detach(impl_->self, DETACH_FORCE); });
  impl_->self = impl_->child = nullptr;
}

TextDevice& TextDriver::device(int index) const {
  const std::scoped_lock lock(impl_->mutex);
  return *impl_->devices[static_cast<std::size_t>(index)];
}

int TextDriver::devices() const {
  const std::scoped_lock lock(impl_->mutex);
  return static_cast<int>(impl_->devices.size());
}

int TextDriver::shown() const {
  const std::scoped_lock lock(impl_->mutex);
  for (std::size_t i = 0; i < impl_->devices.size(); i++) {
    if (impl_->devices[i].get() == impl_->shown) return static_cast<int>(i);
  }
  return -1;
}

void TextDriver::set_size(int columns, int rows) {
  impl_->next_columns = columns;
  impl_->next_rows = rows;
}

device_t TextDriver::display() const {
  return impl_->child;
}

}  // namespace pupci::wscons::test
