// SPDX-License-Identifier: BSD-2-Clause
// The headers that config(1) would have made (opt_foo.h, foo.h with NFOO, ioconf.h, locators.h):
// found by asking the preprocessor what is missing, never from a list. And what is missing
// otherwise.
#pragma once

#include <string>
#include <vector>

#include "build/compile.h"
#include "build/ioconf.h"

namespace pupci::build {

struct MissingHeader {
  std::string name;
  std::vector<std::string> includers;  // "foo.c:12"
};

struct HeaderReport {
  std::vector<MissingHeader> missing;
  // Headers like "foo.h" taken for needs-flag headers although nothing in the sources uses NFOO: if
  // compilation fails, they are the first suspects.
  std::vector<MissingHeader> guessed;
  // Headers of a NetBSD tree that were read although pupci has its own of the same name.
  std::vector<MissingHeader> mixed;
};

// Writes generated headers to `directory` until no more are wanted.
HeaderReport provide_headers(const Options& options, const Installation& installation,
                             const Compiler& compiler, const Config& config,
                             const std::string& directory);

// For the user: each header, who includes it, and what can be done about it.
std::string describe(const std::vector<MissingHeader>& headers);

}  // namespace pupci::build
