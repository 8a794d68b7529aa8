// SPDX-License-Identifier: BSD-2-Clause
#include "cli/ioctl_args.h"

#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "cli/number.h"
#include "netbsd/sys/ioccom.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

std::string without_blanks(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' && c != '\t') result += c;
  }
  return result;
}

[[noreturn]] void bad_request(std::string_view text) {
  throw Error(EINVAL, fmt::format("{}: not an ioctl request; write a number, _IO('E',1), "
                                  "_IOR('E',1,SIZE), _IOW('E',1,SIZE) or _IOWR('E',1,SIZE)",
                                  text));
}

std::uint32_t direction_of(std::string_view macro) {
  if (macro == "_IO") return IOC_VOID;
  if (macro == "_IOR") return IOC_OUT;
  if (macro == "_IOW") return IOC_IN;
  if (macro == "_IOWR") return IOC_INOUT;
  return 0;
}

// 'E', E or 0x45.
std::optional<std::uint64_t> parse_group(std::string_view text) {
  if (text.size() == 3 && text.front() == '\'' && text.back() == '\'')
    return static_cast<unsigned char>(text[1]);
  if (text.size() == 1 && (text[0] < '0' || text[0] > '9'))
    return static_cast<unsigned char>(text[0]);
  return parse_number(text);
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

struct NumberType {
  const char* name;
  std::size_t size;
  bool is_signed;
};

constexpr NumberType number_types[] = {{"u8", 1, false},  {"u16", 2, false}, {"u32", 4, false},
                                       {"u64", 8, false}, {"s8", 1, true},   {"s16", 2, true},
                                       {"s32", 4, true},  {"s64", 8, true}};

const NumberType* number_type(std::string_view name) {
  for (const NumberType& type : number_types) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

// The value in the machine's byte order, whose low bytes stand first.
std::optional<std::vector<std::byte>> encode_number(const NumberType& type, std::string_view text) {
  const bool negative = type.is_signed && text.starts_with('-');
  const auto magnitude = parse_number(negative ? text.substr(1) : text);
  if (!magnitude) return std::nullopt;
  const unsigned bits = 8 * static_cast<unsigned>(type.size);
  const std::uint64_t greatest = ~std::uint64_t{0} >> (64 - (type.is_signed ? bits - 1 : bits));
  if (*magnitude > greatest + (negative ? 1 : 0)) return std::nullopt;
  const std::uint64_t value = negative ? 0 - *magnitude : *magnitude;
  std::vector<std::byte> bytes(type.size);
  std::memcpy(bytes.data(), &value, type.size);
  return bytes;
}

std::string decode_number(const NumberType& type, const std::byte* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, type.size);
  if (!type.is_signed) return fmt::format("{}", value);
  const unsigned shift = 64 - 8 * static_cast<unsigned>(type.size);
  return fmt::format("{}", static_cast<std::int64_t>(value << shift) >> shift);
}

std::string decode_string(const std::byte* bytes, std::size_t size) {
  const char* start = reinterpret_cast<const char*>(bytes);
  return {start, ::strnlen(start, size)};
}

}  // namespace

std::size_t Request::size() const noexcept {
  return IOCPARM_LEN(command);
}

bool Request::reads() const noexcept {
  return (command & IOC_OUT) != 0;
}

Request parse_request(std::string_view text, std::size_t argument_size) {
  const std::string plain = without_blanks(text);
  if (const auto number = parse_number(plain)) {
    if (*number > UINT32_MAX) bad_request(text);
    return {static_cast<std::uint32_t>(*number)};
  }
  const auto open = plain.find('(');
  if (open == std::string::npos || !plain.ends_with(')')) bad_request(text);
  const std::uint32_t direction = direction_of(plain.substr(0, open));
  const auto parts = split(std::string_view(plain).substr(open + 1, plain.size() - open - 2));
  if (direction == 0 || parts.size() < 2 || parts.size() > 3) bad_request(text);
  const auto group = parse_group(parts[0]);
  const auto number = parse_number(parts[1]);
  const auto size = direction == IOC_VOID ? std::optional<std::uint64_t>(0)
                    : parts.size() == 3   ? parse_number(parts[2])
                                          : std::optional<std::uint64_t>(argument_size);
  if (!group || !number || !size || *group > 0xff || *number > 0xff) bad_request(text);
  if (*size > IOCPARM_MAX)
    throw Error(EINVAL, fmt::format("{}: an argument has {} bytes at most", text, IOCPARM_MAX));
  return {
      static_cast<std::uint32_t>(direction | (*size & IOCPARM_MASK) << 16 | *group << 8 | *number)};
}

void Argument::place(std::string type, std::size_t alignment, std::vector<std::byte> content) {
  end_ = (end_ + alignment - 1) / alignment * alignment;
  alignment_ = std::max(alignment_, alignment);
  const std::size_t size = content.size();
  fields_.push_back({std::move(type), end_, size, std::move(content)});
  end_ += size;
}

void Argument::add(std::string_view word) {
  const auto colon = word.find(':');
  const std::string_view type = word.substr(0, colon);
  const bool has_value = colon != std::string_view::npos;
  const std::string_view value = has_value ? word.substr(colon + 1) : std::string_view{};
  if (const NumberType* number = number_type(type)) {
    const auto content = encode_number(*number, has_value ? value : "0");
    if (!content) throw Error(EINVAL, fmt::format("{}: not a number of that type", word));
    place(std::string(type), number->size, *content);
    return;
  }
  if (type == "hex" && has_value) {
    place("hex", 1, from_hex(value));
    return;
  }
  static constexpr std::size_t longest = IOCPARM_MAX;
  if (type == "pad") {
    const auto count = parse_number(value);
    if (!count || *count > longest)
      throw Error(EINVAL, fmt::format("{}: pad:N is N bytes of nothing", word));
    place("pad", 1, std::vector<std::byte>(*count));
    return;
  }
  if (type.starts_with("str")) {
    const auto size = type.size() == 3 ? value.size() + 1 : parse_number(type.substr(3));
    if (size && *size >= value.size() && *size <= longest) {
      std::vector<std::byte> content(*size);
      if (!value.empty()) std::memcpy(content.data(), value.data(), value.size());
      place(std::string(type), 1, std::move(content));
      return;
    }
  }
  throw Error(EINVAL, fmt::format("{}: no such argument; there are u8 to u64 and s8 to s64 "
                                  "(u32:5), hex:0a0b, str:TEXT, strSIZE:TEXT and pad:SIZE",
                                  word));
}

std::size_t Argument::size() const noexcept {
  return (end_ + alignment_ - 1) / alignment_ * alignment_;
}

std::vector<std::byte> Argument::bytes() const {
  std::vector<std::byte> result(size());
  for (const Field& field : fields_) {
    if (field.size != 0) std::memcpy(&result[field.offset], field.content.data(), field.size);
  }
  return result;
}

std::vector<Argument::Value> Argument::decode(const std::vector<std::byte>& answer) const {
  std::vector<Value> values;
  for (const Field& field : fields_) {
    if (field.type == "pad" || field.size == 0) continue;
    if (field.offset + field.size > answer.size()) break;
    const std::byte* start = &answer[field.offset];
    std::string text;
    if (const NumberType* number = number_type(field.type)) {
      text = decode_number(*number, start);
    } else if (field.type == "hex") {
      text = to_hex({start, start + field.size});
    } else {
      text = decode_string(start, field.size);
    }
    values.push_back({field.type, field.offset, std::move(text)});
  }
  return values;
}

std::string to_hex(const std::vector<std::byte>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::vector<std::byte> from_hex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    const char* end = text.data() + i + 2;
    const auto [stop, error] = std::from_chars(text.data() + i, end, value, 16);
    if (error != std::errc{} || stop != end) break;
    bytes.push_back(static_cast<std::byte>(value));
  }
  if (bytes.size() * 2 != text.size())
    throw Error(EINVAL, fmt::format("{}: not an even number of hexadecimal digits", text));
  return bytes;
}

}  // namespace pupci::cli
