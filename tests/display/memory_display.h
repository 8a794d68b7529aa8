// SPDX-License-Identifier: BSD-2-Clause
// A display over plain memory, that notes what is typed.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "wscons/display.h"

namespace pupci::test {

// As long as a wait may take on a machine that has much else to do.
inline constexpr std::chrono::seconds patience{60};

class MemoryDisplay final : public wscons::Display {
 public:
  struct Key {
    std::uint32_t keysym;
    bool down;
    bool operator==(const Key&) const = default;
  };
  struct Pointer {
    unsigned x;
    unsigned y;
    unsigned buttons;
    bool operator==(const Pointer&) const = default;
  };

  MemoryDisplay(unsigned width, unsigned height);

  [[nodiscard]] std::string name() const override { return "wsdisplay0"; }
  [[nodiscard]] wscons::Size size() const override;
  bool read(wscons::Rectangle what, std::uint32_t* to, std::size_t stride) override;
  void set_listener(std::function<void(wscons::Rectangle)> listener) override;
  void key(std::uint32_t keysym, bool down) override;
  void pointer(unsigned x, unsigned y, unsigned buttons) override;

  // Fills a rectangle and reports it.
  void fill(wscons::Rectangle what, std::uint32_t colour);
  // Every pixel another one, told apart by `seed`; reports it all.
  void scramble(std::uint32_t seed);
  void report(wscons::Rectangle what);
  void resize(unsigned width, unsigned height, std::uint32_t colour);
  void detach();

  [[nodiscard]] std::vector<std::uint32_t> pixels() const;
  [[nodiscard]] unsigned reads() const;      // calls of read()
  [[nodiscard]] std::uint64_t area() const;  // pixels that they read
  [[nodiscard]] std::vector<Key> keys() const;
  [[nodiscard]] std::vector<Pointer> pointers() const;
  // Until this many events came; false when they did not.
  bool wait_for_keys(std::size_t count);
  bool wait_for_pointers(std::size_t count);

 private:
  mutable std::mutex mutex_;
  std::mutex listener_mutex_;
  std::condition_variable changed_;
  wscons::Size size_;
  std::vector<std::uint32_t> pixels_;
  std::function<void(wscons::Rectangle)> listener_;
  std::vector<Key> keys_;
  std::vector<Pointer> pointers_;
  unsigned reads_ = 0;
  std::uint64_t area_ = 0;
  bool gone_ = false;
};

}  // namespace pupci::test
