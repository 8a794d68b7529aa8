// SPDX-License-Identifier: BSD-2-Clause
// What pupci doctor's checks tell.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pupci::cli {

enum class Verdict { good, optional_missing, bad };

struct Finding {
  Verdict verdict = Verdict::good;
  std::string text;    // what there is, or what is wrong
  std::string remedy;  // a command, or empty
};

// Of one check, which may have several.
struct Findings {
  std::string check;
  std::vector<Finding> found;
};

// QEMU, and the memory that is shared with it.
std::vector<Findings> check_qemu();

// Real hardware on Linux: the IOMMU, the modules, the functions that are bound and their nodes,
// memory that may be locked. `root` is where sys, dev and proc are.
std::vector<Findings> check_vfio(const std::filesystem::path& root);

// Functions of a NetBSD system. `claim`: what its pupci(4) was told to claim; nothing without one.
std::vector<Findings> check_netbsd(const std::filesystem::path& root,
                                   const std::optional<std::string>& claim);
// This system's.
std::optional<std::string> netbsd_claim();

}  // namespace pupci::cli
