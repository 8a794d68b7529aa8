// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/output.h"

#include <exception>

#include "wscons/output/png_file.h"
#include "wscons/output/spec.h"
#include "wscons/output/vnc_server.h"

namespace pupci::wscons {

OpenedOutput open_output(const std::string& what) {
  OpenedOutput opened;
  try {
    const OutputSpec spec = parse_output(what);
    if (spec.kind == OutputSpec::Kind::vnc) {
      opened.output = std::make_unique<VncServer>(what, spec);
    } else {
      opened.output = std::make_unique<PngFile>(spec);
    }
  } catch (const std::exception& e) {
    opened.error = e.what();
  }
  return opened;
}

}  // namespace pupci::wscons

void pupci_open_output(const char* what, pupci::wscons::OpenedOutput* opened) {
  *opened = pupci::wscons::open_output(what);
}
