// SPDX-License-Identifier: BSD-2-Clause
// A small VNC viewer: raw pixels, changes of size, keys and pointer, and bytes as a test likes
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/fd.h"
#include "wscons/output/picture.h"

namespace pupci::test {

// The port of an output's name, "vnc:127.0.0.1:5900".
std::uint16_t port_of(const std::string& name);

// Functions throw std::runtime_error when the server hangs up, or is silent for long.
class RfbClient {
 public:
  explicit RfbClient(std::uint16_t port, const std::string& address = "127.0.0.1");

  // Up to the server's description of its display. False when the password was refused.
  // `version`: 3, 7 or 8.
  bool handshake(unsigned version = 8, const std::string& password = {});

  // Asks for pixels of so many bits, red leftmost; 32 unless told.
  void set_format(unsigned bits, unsigned red, unsigned green, unsigned blue);
  void set_encodings(const std::vector<std::int32_t>& encodings);
  void request(bool incremental);
  // Reads one message of pixels into image(); the bytes of pixels in it.
  std::size_t receive();
  // Requests and receives until the image is these pixels; false when it never is.
  bool watch(const std::vector<std::uint32_t>& pixels);

  void key(std::uint32_t keysym, bool down);
  void pointer(unsigned x, unsigned y, unsigned buttons);

  void send(const std::string& bytes);
  std::string read(std::size_t size);
  // True when the server hangs up, whatever it says before that.
  bool hung_up();
  // Nothing to read within so long.
  [[nodiscard]] bool silent(int milliseconds) const;
  // Sends no more, or goes without a word.
  void vanish() { fd_.reset(); }

  [[nodiscard]] const wscons::Image& image() const { return image_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::vector<std::uint8_t>& security_types() const { return types_; }

 private:
  bool authenticate(const std::string& password);
  std::uint32_t number(unsigned bytes);
  void read_rectangle(std::size_t& bytes);
  [[nodiscard]] std::uint32_t colour(std::uint32_t raw) const;

  Fd fd_;
  wscons::Image image_;
  std::string name_;
  std::vector<std::uint8_t> types_;
  unsigned bits_ = 32;
  unsigned red_ = 8, green_ = 8, blue_ = 8;
};

}  // namespace pupci::test
