// SPDX-License-Identifier: BSD-2-Clause
#include "rfb_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <rfb/rfb.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "memory_display.h"

namespace pupci::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("VNC client: " + what);
}

std::string big_endian(std::uint32_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = bytes; i-- > 0;) text += static_cast<char>(value >> (8 * i));
  return text;
}

constexpr std::int32_t raw = 0;
constexpr std::int32_t desktop_size = -223;

}  // namespace

std::uint16_t port_of(const std::string& name) {
  return static_cast<std::uint16_t>(std::stoul(name.substr(name.rfind(':') + 1)));
}

RfbClient::RfbClient(std::uint16_t port, const std::string& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  fd_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("no connection");
}

void RfbClient::send(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::send(fd_.get(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (n <= 0) fail("cannot send");
    done += static_cast<std::size_t>(n);
  }
}

bool RfbClient::silent(int milliseconds) const {
  pollfd waiting{fd_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 0;
}

std::string RfbClient::read(std::size_t size) {
  static constexpr auto limit = std::chrono::milliseconds(patience).count();
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    if (silent(static_cast<int>(limit))) fail("the server says nothing");
    const ssize_t n = ::recv(fd_.get(), bytes.data() + done, size - done, 0);
    if (n <= 0) fail("the server has hung up");
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

bool RfbClient::hung_up() {
  const auto end = std::chrono::steady_clock::now() + patience;
  std::array<char, 4096> some{};
  while (std::chrono::steady_clock::now() < end) {
    if (silent(1000)) continue;
    if (::recv(fd_.get(), some.data(), some.size(), 0) <= 0) return true;
  }
  return false;
}

std::uint32_t RfbClient::number(unsigned bytes) {
  std::uint32_t value = 0;
  for (const char byte : read(bytes)) value = value << 8U | static_cast<std::uint8_t>(byte);
  return value;
}

bool RfbClient::authenticate(const std::string& password) {
  std::string challenge = read(CHALLENGESIZE);
  std::array<char, 9> key{};
  password.copy(key.data(), 8);
  rfbEncryptBytes(reinterpret_cast<unsigned char*>(challenge.data()), key.data());
  send(challenge);
  return number(4) == 0;
}

bool RfbClient::handshake(unsigned version, const std::string& password) {
  if (read(12).substr(0, 4) != "RFB ") fail("not an RFB server");
  send("RFB 003.00" + std::to_string(version) + "\n");
  std::uint32_t type = 0;
  if (version == 3) {
    type = number(4);
    types_ = {static_cast<std::uint8_t>(type)};
  } else {
    for (unsigned count = number(1); count > 0; --count)
      types_.push_back(static_cast<std::uint8_t>(number(1)));
    type = password.empty() ? 1 : 2;
    send(big_endian(type, 1));
  }
  if (type == 2) {
    if (!authenticate(password)) return false;
  } else if (version == 8 && number(4) != 0) {
    return false;
  }
  send(std::string(1, '\1'));  // shared
  image_.size.width = number(2);
  image_.size.height = number(2);
  read(16);
  name_ = read(number(4));
  image_.pixels.assign(std::size_t{image_.size.width} * image_.size.height, 0xdeadbeef);
  set_format(32, 8, 8, 8);
  set_encodings({raw, desktop_size});
  return true;
}

void RfbClient::set_format(unsigned bits, unsigned red, unsigned green, unsigned blue) {
  bits_ = bits;
  red_ = red;
  green_ = green;
  blue_ = blue;
  const auto max = [](unsigned n) { return big_endian((1U << n) - 1, 2); };
  std::string message("\0\0\0\0", 4);
  message += static_cast<char>(bits);
  message += static_cast<char>(red + green + blue);
  message += std::string("\0\1", 2);  // little endian, true colour
  message += max(red) + max(green) + max(blue);
  message += static_cast<char>(green + blue);
  message += static_cast<char>(blue);
  message += std::string(4, '\0');
  send(message);
}

void RfbClient::set_encodings(const std::vector<std::int32_t>& encodings) {
  std::string message("\2\0", 2);
  message += big_endian(static_cast<std::uint32_t>(encodings.size()), 2);
  for (const std::int32_t encoding : encodings)
    message += big_endian(static_cast<std::uint32_t>(encoding), 4);
  send(message);
}

void RfbClient::request(bool incremental) {
  send(std::string(1, '\3') + std::string(1, incremental ? '\1' : '\0') + big_endian(0, 4) +
       big_endian(image_.size.width, 2) + big_endian(image_.size.height, 2));
}

std::uint32_t RfbClient::colour(std::uint32_t value) const {
  return value & ((std::uint64_t{1} << (red_ + green_ + blue_)) - 1);
}

void RfbClient::read_rectangle(std::size_t& bytes) {
  const unsigned x = number(2);
  const unsigned y = number(2);
  const unsigned width = number(2);
  const unsigned height = number(2);
  const auto encoding = static_cast<std::int32_t>(number(4));
  if (encoding == desktop_size) {
    image_.size = {width, height};
    image_.pixels.assign(std::size_t{width} * height, 0xdeadbeef);
    return;
  }
  if (encoding != raw) fail("an encoding that was not asked for");
  if (x + width > image_.size.width || y + height > image_.size.height) fail("beyond the display");
  const unsigned size = bits_ / 8;
  const std::string data = read(std::size_t{width} * height * size);
  bytes += data.size();
  const auto* from = reinterpret_cast<const std::uint8_t*>(data.data());
  for (unsigned row = 0; row < height; ++row) {
    std::uint32_t* to = image_.pixels.data() + std::size_t{y + row} * image_.size.width + x;
    for (unsigned column = 0; column < width; ++column, from += size) {
      std::uint32_t value = 0;
      for (unsigned i = size; i-- > 0;) value = value << 8U | from[i];
      *to++ = colour(value);
    }
  }
}

std::size_t RfbClient::receive() {
  while (const std::uint32_t type = number(1)) {
    if (type == 2) continue;  // bell
    if (type != 3) fail("an unknown message");
    read(3);
    read(number(4));
  }
  read(1);
  std::size_t bytes = 0;
  for (unsigned count = number(2); count > 0; --count) read_rectangle(bytes);
  return bytes;
}

bool RfbClient::watch(const std::vector<std::uint32_t>& pixels) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (image_.pixels != pixels && std::chrono::steady_clock::now() < end) {
    request(true);
    receive();
  }
  return image_.pixels == pixels;
}

void RfbClient::key(std::uint32_t keysym, bool down) {
  send(std::string(1, '\4') + std::string(1, down ? '\1' : '\0') + big_endian(0, 2) +
       big_endian(keysym, 4));
}

void RfbClient::pointer(unsigned x, unsigned y, unsigned buttons) {
  send(std::string(1, '\5') + big_endian(buttons, 1) + big_endian(x, 2) + big_endian(y, 2));
}

}  // namespace pupci::test
