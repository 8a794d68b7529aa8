// SPDX-License-Identifier: BSD-2-Clause
// DMA without an IOMMU: bus addresses are physical ones, and nothing keeps a device from others.
#pragma once

#include <cstddef>
#include <memory>

#include "pupci/dma.h"

namespace pupci::vfio {

/// An arena of huge pages that lie in a row, as many as there are up to `size`. Takes root, as the
/// kernel tells physical addresses to nobody else, and huge pages that were set aside. Throws
/// Error.
std::unique_ptr<Dma> physical_dma(std::size_t size);

}  // namespace pupci::vfio
