// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/png_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <png.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/fd.h"
#include "pupci/error.h"

namespace pupci::wscons {
namespace {

const char* remedy(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return "; make its folder first";
    case EISDIR:
      return "; name a file in it";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; name one where you may write";
    case ENOSPC:
    case EDQUOT:
      return "; make room there, or name one elsewhere";
    default:
      return "";
  }
}

[[noreturn]] void fail(const std::string& file, int error) {
  throw Error(error, fmt::format("png:{}: {}{}", file, std::generic_category().message(error),
                                 remedy(error)));
}

// What is there and is no regular file, a pipe or a terminal, is written to as it is.
bool is_special(const std::string& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return false;
  if (S_ISDIR(status.st_mode)) fail(file, EISDIR);
  return !S_ISREG(status.st_mode);
}

// A file beside the real one that takes its place once it is complete, and goes away if it never
// is.
class Replacement {
 public:
  explicit Replacement(const std::string& file) : file_(file) {
    for (unsigned attempt = 0; !fd_ && attempt < 100; ++attempt) {
      name_ = fmt::format("{}.{}.{}", file_, ::getpid(), attempt);
      fd_.reset(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (!fd_ && errno != EEXIST) break;
    }
    if (!fd_) fail(file_, errno);
  }
  ~Replacement() {
    if (!done_) ::unlink(name_.c_str());
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  void commit() {
    if (::rename(name_.c_str(), file_.c_str()) != 0) fail(file_, errno);
    done_ = true;
  }

 private:
  std::string file_;
  std::string name_;
  Fd fd_;
  bool done_ = false;
};

void write_all(const std::string& file, int fd, const std::vector<std::byte>& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno != EINTR) fail(file, errno);
    if (written > 0) done += static_cast<std::size_t>(written);
  }
}

std::vector<std::byte> to_rgb(const Image& image) {
  std::vector<std::byte> rgb(image.pixels.size() * 3);
  std::byte* to = rgb.data();
  for (const std::uint32_t pixel : image.pixels) {
    for (const unsigned shift : {16U, 8U, 0U}) *to++ = static_cast<std::byte>(pixel >> shift);
  }
  return rgb;
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
  const std::vector<std::byte> rgb = to_rgb(image);
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = image.size.width;
  header.height = image.size.height;
  header.format = PNG_FORMAT_RGB;
  std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(header));
  png_alloc_size_t size = bytes.size();
  if (rgb.empty() ||
      png_image_write_to_memory(&header, bytes.data(), &size, 0, rgb.data(), 0, nullptr) == 0)
    throw Error(EINVAL, fmt::format("no PNG can be made of {}x{} pixels{}{}", image.size.width,
                                    image.size.height, rgb.empty() ? "" : ": ", header.message));
  bytes.resize(size);
  return bytes;
}

PngFile::PngFile(const OutputSpec& spec) : spec_(spec) {
  if (!is_special(spec_.file)) {
    const Replacement probe(spec_.file);
  } else if (::access(spec_.file.c_str(), W_OK) != 0) {
    fail(spec_.file, errno);
  }
}

void PngFile::save() {
  if (display_ == nullptr) return;
  Image image;
  image.size = display_->size();
  image.pixels.resize(std::size_t{image.size.width} * image.size.height);
  if (!display_->read({0, 0, image.size.width, image.size.height}, image.pixels.data(),
                      image.size.width))
    throw Error(ENXIO, fmt::format("{}: {} is gone or its memory cannot be read", name(),
                                   display_->name()));
  const std::vector<std::byte> bytes = encode_png(image);
  if (is_special(spec_.file)) {
    // A pipe that nobody reads is an error, not a reason to wait; one that is read slowly is.
    const Fd fd(::open(spec_.file.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd || ::fcntl(fd.get(), F_SETFL, 0) != 0) fail(spec_.file, errno);
    write_all(spec_.file, fd.get(), bytes);
    return;
  }
  Replacement file(spec_.file);
  write_all(spec_.file, file.fd(), bytes);
  file.commit();
}

}  // namespace pupci::wscons
