// SPDX-License-Identifier: BSD-2-Clause
// What stands behind "--host NAME:", as words between commas.
#pragma once

#include <string_view>
#include <vector>

namespace pupci {

/// Empty words too, but for one at the end. Parts of `text`.
inline std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto comma = text.find(',');
    words.push_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
  }
  return words;
}

}  // namespace pupci
