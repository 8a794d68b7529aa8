// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/spec.h"

#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <string_view>
#include <vector>

#include "pupci/error.h"

namespace pupci::wscons {
namespace {

constexpr std::string_view vnc_example = "vnc:127.0.0.1:5900";

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw Error(EINVAL, fmt::format("--display {}: {}", text, why));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      words.back() += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == ',') {
      words.back() += text[i++];
    } else {
      words.emplace_back();
    }
  }
  return words;
}

std::uint16_t parse_port(const std::string& text, std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size())
    refuse(text, fmt::format("\"{}\" is not a port (0 to 65535); as in {}", digits, vnc_example));
  return port;
}

// [ADDR:]PORT; an IPv6 address stands in brackets.
void parse_address(const std::string& text, std::string_view where, OutputSpec& spec) {
  const std::size_t colon = where.rfind(':');
  if (colon == std::string_view::npos) {
    if (where.find_first_not_of("0123456789") != std::string_view::npos || where.empty())
      refuse(text, fmt::format("the port is missing; as in {}", vnc_example));
    spec.address = "127.0.0.1";
    spec.port = parse_port(text, where);
    return;
  }
  std::string_view address = where.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != std::string_view::npos || where.ends_with(']')) {
    refuse(text, "an IPv6 address stands in brackets, before the port; as in vnc:[::1]:5900");
  }
  spec.address = address.empty() ? "127.0.0.1" : address;
  spec.port = parse_port(text, where.substr(colon + 1));
}

void parse_option(const std::string& text, const std::string& word, OutputSpec& spec) {
  const std::size_t equals = word.find('=');
  const std::string key = word.substr(0, equals);
  const bool vnc = spec.kind == OutputSpec::Kind::vnc;
  std::string* value = nullptr;
  if (key == "display") value = &spec.display;
  if (key == "password" && vnc) value = &spec.password;
  if (value == nullptr)
    refuse(text, fmt::format("there is no option \"{}\"; there {}", key,
                             vnc ? "are password=FILE and display=NAME" : "is display=NAME"));
  if (equals == std::string::npos || equals + 1 == word.size())
    refuse(text, fmt::format("{0} needs a value; as in {0}={1}", key,
                             key == "display" ? "wsdisplay0" : "FILE"));
  *value = word.substr(equals + 1);
}

}  // namespace

OutputSpec parse_output(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  OutputSpec spec;
  if (kind == "png") {
    spec.kind = OutputSpec::Kind::png;
  } else if (kind != "vnc") {
    refuse(text, fmt::format("there is no \"{}\"; there are vnc:ADDRESS:PORT and png:FILE", kind));
  }
  const auto words = split(colon == std::string::npos ? "" : text.substr(colon + 1));
  if (spec.kind == OutputSpec::Kind::vnc) {
    parse_address(text, words[0], spec);
  } else if (words[0].empty()) {
    refuse(text, "the file is missing; as in png:screen.png");
  } else {
    spec.file = words[0];
  }
  for (std::size_t i = 1; i < words.size(); ++i) parse_option(text, words[i], spec);
  return spec;
}

}  // namespace pupci::wscons
