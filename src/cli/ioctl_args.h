// SPDX-License-Identifier: BSD-2-Clause
// The words of `pupci ioctl` to a request and its argument's bytes, and the answer back to words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pupci::cli {

struct Request {
  std::uint32_t command = 0;                        // as <sys/ioccom.h> encodes it
  [[nodiscard]] std::size_t size() const noexcept;  // of the argument, bytes
  [[nodiscard]] bool reads() const noexcept;        // the driver's answer comes back
};

// "0xc0104501", "_IO('E', 1)", "_IOWR('E',1,16)" (also with 'E' unquoted; the size in bytes, or
// left out for that of the arguments). Throws pupci::Error.
Request parse_request(std::string_view text, std::size_t argument_size);

// The argument as a C structure: fields in order, each aligned as in C, the end padded to the
// widest.
class Argument {
 public:
  // "u32:5", "s16:-1", "u64:0x10", "hex:0a0b", "str:text", "str16:text" (a char[16]), "pad:4",
  // "u32" alone for a zero. Throws pupci::Error that names the word.
  void add(std::string_view word);

  // Fields at their places; as long as the structure.
  [[nodiscard]] std::vector<std::byte> bytes() const;
  [[nodiscard]] std::size_t size() const noexcept;

  struct Value {
    std::string type;  // "u32", "hex", "str16"
    std::size_t offset;
    std::string text;  // decimal for numbers
  };
  // The same fields in an answer; those beyond its end are left out.
  [[nodiscard]] std::vector<Value> decode(const std::vector<std::byte>& answer) const;

 private:
  struct Field {
    std::string type;
    std::size_t offset;
    std::size_t size;
    std::vector<std::byte> content;
  };
  void place(std::string type, std::size_t alignment, std::vector<std::byte> content);

  std::vector<Field> fields_;
  std::size_t end_ = 0;
  std::size_t alignment_ = 1;
};

std::string to_hex(const std::vector<std::byte>& bytes);
// Throws pupci::Error on anything but an even number of hexadecimal digits.
std::vector<std::byte> from_hex(std::string_view text);

}  // namespace pupci::cli
