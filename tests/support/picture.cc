// SPDX-License-Identifier: BSD-2-Clause
#include "support/picture.h"

#include <fmt/format.h>
#include <png.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "pupci/qemu.h"

namespace pupci::test {
namespace {

// A name for a file of this process, removed with the object.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pupci-XXXXXX").string();
    const int fd = ::mkstemp(pattern.data());
    if (fd < 0) throw std::system_error(errno, std::generic_category(), pattern);
    ::close(fd);
    path_ = pattern;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string quoted(const std::string& text) {
  return '"' + text + '"';  // of what is used here nothing needs escapes
}

}  // namespace

Picture read_png(const std::string& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&image, path.c_str()) == 0) {
    throw std::runtime_error(fmt::format("{}: {}", path, image.message));
  }
  image.format = PNG_FORMAT_BGRA;  // as bytes: a little-endian 0xAARRGGBB
  Picture picture{image.width, image.height, {}};
  picture.pixels.resize(std::size_t{image.width} * image.height);
  if (png_image_finish_read(&image, nullptr, picture.pixels.data(), 0, nullptr) == 0) {
    throw std::runtime_error(fmt::format("{}: {}", path, image.message));
  }
  for (std::uint32_t& pixel : picture.pixels) pixel &= 0xffffff;
  return picture;
}

Picture screendump(Bus& bus, const std::string& device) {
  // Answered by the monitor, which does not wait for the accesses: a read does.
  auto& qemu = dynamic_cast<QemuBus&>(bus);
  (void)bus.function(bus.functions().at(0))->config_read(0, 4);
  const TemporaryFile file;
  std::string arguments = fmt::format(R"({{"filename": {}, "format": "png")", quoted(file.path()));
  if (!device.empty()) arguments += fmt::format(R"(, "device": {})", quoted(device));
  qemu.qmp("screendump", arguments + "}");
  return read_png(file.path());
}

testing::AssertionResult same_picture(const Picture& one, const Picture& other) {
  if (one.width != other.width || one.height != other.height) {
    return testing::AssertionFailure()
           << fmt::format("{}x{} and {}x{}", one.width, one.height, other.width, other.height);
  }
  std::size_t different = 0;
  std::string first;
  for (std::size_t i = 0; i < one.pixels.size(); i++) {
    if (one.pixels[i] == other.pixels[i]) continue;
    if (different++ == 0) {
      first = fmt::format("at x {} y {}: {:06x} and {:06x}", i % one.width, i / one.width,
                          one.pixels[i], other.pixels[i]);
    }
  }
  if (different == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << fmt::format("{} of {} pixels differ, the first {}",
                                                    different, one.pixels.size(), first);
}

}  // namespace pupci::test
