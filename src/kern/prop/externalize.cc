// SPDX-License-Identifier: BSD-2-Clause
// Objects to XML property lists.
#include <fmt/core.h>

#include "kern/prop/base64.h"
#include "kern/prop/object.h"

namespace pupci::kern::prop {
namespace {

constexpr const char* header =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" "
    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
    "<plist version=\"1.0\">\n";

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

class Writer {
 public:
  bool write(prop_object_t object, unsigned depth) {
    if (depth > max_depth) return false;  // an object that contains itself, most likely
    switch (prop_object_type(object)) {
      case PROP_TYPE_BOOL:
        line(depth, cast<_prop_bool>(object)->value ? "<true/>" : "<false/>");
        return true;
      case PROP_TYPE_NUMBER:
        line(depth, number(*cast<_prop_number>(object)));
        return true;
      case PROP_TYPE_STRING:
        line(depth, string(cast<_prop_string>(object)->c_str()));
        return true;
      case PROP_TYPE_DATA:
        data(*cast<_prop_data>(object), depth);
        return true;
      case PROP_TYPE_ARRAY:
        return array(*cast<_prop_array>(object), depth);
      case PROP_TYPE_DICTIONARY:
        return dictionary(*cast<_prop_dictionary>(object), depth);
      default:
        return false;
    }
  }

  std::string take() { return std::move(text_); }

 private:
  void line(unsigned depth, std::string_view content) {
    text_.append(depth, '\t').append(content).push_back('\n');
  }

  static std::string number(const _prop_number& number) {
    if (number.is_unsigned) return fmt::format("<integer>{:#x}</integer>", number.bits);
    return fmt::format("<integer>{}</integer>", static_cast<std::int64_t>(number.bits));
  }

  static std::string string(std::string_view text) {
    return text.empty() ? "<string/>" : "<string>" + escape(text) + "</string>";
  }

  void data(const _prop_data& data, unsigned depth) {
    if (data.size() == 0) {
      line(depth, "<data/>");
      return;
    }
    constexpr std::size_t width = 76;
    line(depth, "<data>");
    const std::string encoded = base64_encode(data.data(), data.size());
    for (std::size_t i = 0; i < encoded.size(); i += width) line(depth, encoded.substr(i, width));
    line(depth, "</data>");
  }

  bool array(_prop_array& array, unsigned depth) {
    const auto items = [&] {
      const std::scoped_lock lock(array.mutex);
      return array.items;
    }();
    if (items.empty()) {
      line(depth, "<array/>");
      return true;
    }
    line(depth, "<array>");
    for (const Reference& item : items) {
      if (!write(item.get(), depth + 1)) return false;
    }
    line(depth, "</array>");
    return true;
  }

  bool dictionary(_prop_dictionary& dictionary, unsigned depth) {
    const auto entries = [&] {
      const std::scoped_lock lock(dictionary.mutex);
      return dictionary.entries;
    }();
    if (entries.empty()) {
      line(depth, "<dict/>");
      return true;
    }
    line(depth, "<dict>");
    for (const auto& [key, entry] : entries) {
      line(depth + 1, "<key>" + escape(key) + "</key>");
      if (!write(entry.value.get(), depth + 1)) return false;
    }
    line(depth, "</dict>");
    return true;
  }

  std::string text_;
};

}  // namespace

std::string externalize(prop_object_t object) {
  Writer writer;
  if (!writer.write(object, 0)) return {};
  return header + writer.take() + "</plist>\n";
}

}  // namespace pupci::kern::prop
