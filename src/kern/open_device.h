// SPDX-License-Identifier: BSD-2-Clause
// An open character device. vdevgone(9) closes it from the other side.
#pragma once

#include <memory>

#include "kern/open_file.h"

namespace pupci::kern {

class PUPCI_API OpenDevice : public OpenFile {
 public:
  // `flags`: FREAD, FWRITE, FNONBLOCK of sys/fcntl.h.
  static std::shared_ptr<OpenDevice> create(dev_t dev, int flags);
  // Once, before anything else. EMOVEFD: the driver made a file instead, the descriptor of which is
  // the thread's dup_fd.
  int open();
  ~OpenDevice() override;  // close(): the last one of a device calls the driver's
  OpenDevice(const OpenDevice&) = delete;
  OpenDevice& operator=(const OpenDevice&) = delete;

  [[nodiscard]] dev_t device() const { return dev_; }
  int poll_events(int events) override;
  int attach_filter(knote* kn) override;

 private:
  friend struct OpenTable;
  OpenDevice(dev_t dev, int flags) : OpenFile(flags), dev_(dev) {}
  int do_transfer(::uio& uio, int flags) override;
  int do_ioctl(unsigned long command, void* data, int flags) override;
  int do_map_page(std::int64_t offset, int protection, paddr_t& page) override;
  int do_close(int flags) override;

  const dev_t dev_;
  bool opened_ = false;
};

}  // namespace pupci::kern
