// SPDX-License-Identifier: BSD-2-Clause
// XML property lists to objects. The text may come from anywhere: nesting is bounded, and what is
// not understood is refused, not skipped.
#include <charconv>
#include <optional>

#include "kern/prop/base64.h"
#include "kern/prop/object.h"

namespace pupci::kern::prop {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct Tag {
  std::string_view name;
  bool closing = false;  // </name>
  bool empty = false;    // <name/>
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Reference plist() {
    if (!prologue()) return {};
    const auto open = tag();
    if (!open || open->name != "plist" || open->closing || open->empty) return {};
    Reference object = value(0);
    if (object.get() == nullptr || !close("plist")) return {};
    skip_space();
    return rest_.empty() ? std::move(object) : Reference{};
  }

 private:
  bool accept(std::string_view expected) {
    if (rest_.substr(0, expected.size()) != expected) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  // Text up to `end`, which is taken too.
  std::optional<std::string_view> until(std::string_view end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto found = rest_.substr(0, at);
    rest_.remove_prefix(at + end.size());
    return found;
  }

  // White space and comments.
  bool skip_filler() {
    for (;;) {
      skip_space();
      if (!accept("<!--")) return true;
      if (!until("-->")) return false;
    }
  }

  bool prologue() {
    if (!skip_filler()) return false;
    if (accept("<?xml") && !until("?>")) return false;
    if (!skip_filler()) return false;
    return !accept("<!DOCTYPE") || until(">").has_value();
  }

  // The next tag; attributes are allowed, and mean nothing.
  std::optional<Tag> tag() {
    if (!skip_filler() || !accept("<")) return std::nullopt;
    Tag result;
    result.closing = accept("/");
    auto content = until(">");
    if (!content || content->empty()) return std::nullopt;
    if (content->back() == '/') {
      result.empty = true;
      content->remove_suffix(1);
    }
    std::size_t length = 0;
    while (length < content->size() && !is_space((*content)[length])) length++;
    result.name = content->substr(0, length);
    if (result.closing && result.empty) return std::nullopt;
    return result;
  }

  bool close(std::string_view name) {
    const auto found = tag();
    return found && found->closing && found->name == name;
  }

  Reference value(unsigned depth) {
    const auto open = tag();
    return open && !open->closing ? value_of(*open, depth) : Reference{};
  }

  Reference value_of(const Tag& open, unsigned depth) {
    if (depth > max_depth) return {};
    if (open.name == "true" && open.empty) return Reference::adopt(prop_bool_create(true));
    if (open.name == "false" && open.empty) return Reference::adopt(prop_bool_create(false));
    if (open.name == "string") return string(open);
    if (open.name == "integer" && !open.empty) return integer();
    if (open.name == "data") return data(open);
    if (open.name == "array") return array(open, depth);
    if (open.name == "dict") return dictionary(open, depth);
    return {};
  }

  static bool unescape(std::string_view text, std::string& to) {
    struct Entity {
      std::string_view text;
      char character;
    };
    static constexpr Entity entities[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&apos;", '\''}, {"&quot;", '"'}};
    while (!text.empty()) {
      const char c = text.front();
      if (c == '<' || c == '\0') return false;
      if (c != '&') {
        to += c;
        text.remove_prefix(1);
        continue;
      }
      bool known = false;
      for (const Entity& entity : entities) {
        if (text.substr(0, entity.text.size()) != entity.text) continue;
        to += entity.character;
        text.remove_prefix(entity.text.size());
        known = true;
        break;
      }
      if (!known) return false;
    }
    return true;
  }

  // What stands between an opening tag and its closing one, with no tags in it.
  std::optional<std::string_view> content(std::string_view name) {
    const auto at = rest_.find('<');
    if (at == std::string_view::npos) return std::nullopt;
    const auto text = rest_.substr(0, at);
    rest_.remove_prefix(at);
    if (!close(name)) return std::nullopt;
    return text;
  }

  Reference string(const Tag& open) {
    std::string text;
    if (!open.empty) {
      const auto raw = content("string");
      if (!raw || !unescape(*raw, text)) return {};
    }
    return Reference::adopt(prop_string_create_copy(text.c_str()));
  }

  Reference integer() {
    auto text = content("integer");
    if (!text) return {};
    while (!text->empty() && is_space(text->front())) text->remove_prefix(1);
    while (!text->empty() && is_space(text->back())) text->remove_suffix(1);
    const bool hexadecimal = text->substr(0, 2) == "0x" || text->substr(0, 2) == "0X";
    if (hexadecimal) text->remove_prefix(2);
    if (!hexadecimal) {
      if (const auto value = number<std::int64_t>(*text, 10)) {
        return Reference::adopt(prop_number_create_signed(*value));
      }
    }
    const auto value = number<std::uint64_t>(*text, hexadecimal ? 16 : 10);
    return value ? Reference::adopt(prop_number_create_unsigned(*value)) : Reference{};
  }

  template <typename T>
  static std::optional<T> number(std::string_view text, int base) {
    T value = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
  }

  Reference data(const Tag& open) {
    if (open.empty) return Reference::adopt(prop_data_create_copy(nullptr, 0));
    const auto text = content("data");
    const auto bytes = text ? base64_decode(*text) : std::nullopt;
    if (!bytes) return {};
    return Reference::adopt(prop_data_create_copy(bytes->data(), bytes->size()));
  }

  Reference array(const Tag& open, unsigned depth) {
    Reference result = Reference::adopt(prop_array_create());
    if (open.empty) return result;
    for (;;) {
      const auto next = tag();
      if (!next) return {};
      if (next->closing) return next->name == "array" ? std::move(result) : Reference{};
      const Reference item = value_of(*next, depth + 1);
      if (item.get() == nullptr) return {};
      prop_array_add(cast<_prop_array>(result.get()), item.get());
    }
  }

  Reference dictionary(const Tag& open, unsigned depth) {
    Reference result = Reference::adopt(prop_dictionary_create());
    if (open.empty) return result;
    for (;;) {
      const auto next = tag();
      if (!next) return {};
      if (next->closing) return next->name == "dict" ? std::move(result) : Reference{};
      std::string key;
      const auto raw = next->name == "key" && !next->empty ? content("key") : std::nullopt;
      if (!raw || !unescape(*raw, key)) return {};
      const Reference item = value(depth + 1);
      if (item.get() == nullptr) return {};
      prop_dictionary_set(cast<_prop_dictionary>(result.get()), key.c_str(), item.get());
    }
  }

  std::string_view rest_;
};

}  // namespace

Reference internalize(std::string_view text) {
  return Reader(text).plist();
}

}  // namespace pupci::kern::prop
