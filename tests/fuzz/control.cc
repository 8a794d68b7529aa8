// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the control socket's requests, a line each: every one has a reply that is JSON.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "kern/console.h"
#include "kern/control_session.h"
#include "kern/kernel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pupci::kern;
  static const bool quiet = (set_console([](std::string_view) {}), true);
  static auto& kernel = *new Kernel(pupci::open_bus("sim:"), {});
  (void)quiet;
  ControlSession session(kernel);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto reply = nlohmann::json::parse(session.answer(text.substr(0, end)), nullptr, false);
    if (!reply.is_object() || !reply.contains("ok")) std::abort();
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return 0;
}
