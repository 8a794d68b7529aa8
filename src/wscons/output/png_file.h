// SPDX-License-Identifier: BSD-2-Clause
// A picture of a display, as a PNG file.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "wscons/output/output.h"
#include "wscons/output/picture.h"
#include "wscons/output/spec.h"

namespace pupci::wscons {

// The bytes of a PNG file, 8 bits for each of red, green and blue. Throws pupci::Error; an image
// without pixels is one.
PUPCI_API std::vector<std::byte> encode_png(const Image& image);

class PngFile final : public Output {
 public:
  // Throws pupci::Error when the file could not be written.
  explicit PngFile(const OutputSpec& spec);

  [[nodiscard]] std::string name() const override { return "png:" + spec_.file; }
  [[nodiscard]] std::string wanted() const override { return spec_.display; }
  void show(std::shared_ptr<Display> display) override { display_ = std::move(display); }
  // A reader sees the old file or the new one, never a part.
  void save() override;

 private:
  OutputSpec spec_;
  std::shared_ptr<Display> display_;
};

}  // namespace pupci::wscons
