// SPDX-License-Identifier: BSD-2-Clause
// Makes this library's names known to the check of a driver's names, in every process that has it.
#include "kern/kernel_names.h"

namespace pupci::wscons {
namespace {

struct Offer {
  Offer() { kern::add_kernel_library(this); }
};

const Offer offer;

}  // namespace
}  // namespace pupci::wscons
