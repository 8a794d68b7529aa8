// SPDX-License-Identifier: BSD-2-Clause
// pupci(4), the kernel module: its device node, request by request.
#include <gtest/gtest.h>

#include <cerrno>

#include "module/module.h"
#include "netbsd/dev/pci/pcireg.h"
#include "netbsd/sys/fcntl.h"

using namespace pupci;
using namespace pupci::test;

namespace {

TEST(Module, AttachesAndTells) {
  ModuleMachine machine("regs,edu");
  EXPECT_NE(machine.console().find("pupci0 at pci0 dev"), std::string::npos) << machine.console();
  ModuleNode node;
  const pupci_info info = node.info();
  EXPECT_EQ(info.version, PUPCI_IO_VERSION);
  const auto function = machine.function(0);
  EXPECT_EQ(info.bus, function->address().bus);
  EXPECT_EQ(info.device, function->address().device);
  EXPECT_EQ(info.config_size, function->config_size());
  for (const Bar& bar : function->bars()) {
    EXPECT_EQ(info.bar[bar.index].address, bar.address) << bar.index;
    EXPECT_EQ(info.bar[bar.index].size, bar.size) << bar.index;
    EXPECT_EQ((info.bar[bar.index].flags & PUPCI_BAR_IO) != 0, bar.kind == Bar::Kind::io);
    EXPECT_EQ((info.bar[bar.index].flags & PUPCI_BAR_64BIT) != 0, bar.kind == Bar::Kind::memory64);
    EXPECT_EQ((info.bar[bar.index].flags & PUPCI_BAR_PREFETCH) != 0, bar.prefetchable);
  }
  // A page of ports is none of memory.
  EXPECT_NE(info.bar[0].flags & PUPCI_BAR_MMAP, 0U);
  EXPECT_EQ(info.bar[2].flags & PUPCI_BAR_MMAP, 0U);
  EXPECT_EQ(info.bar[5].size, 0U);
}

TEST(Module, OneOwner) {
  ModuleMachine machine("edu");
  ModuleNode node;
  EXPECT_EQ(ModuleNode("pupci0", FREAD | FWRITE).opened(), EBUSY);
  EXPECT_EQ(node.close(), 0);
  EXPECT_EQ(ModuleNode("pupci0", FREAD | FWRITE).opened(), 0);
  EXPECT_EQ(ModuleNode("pupci7", FREAD | FWRITE).opened(), ENXIO);
}

TEST(Module, ReadOnly) {
  ModuleMachine machine("edu");
  ModuleNode node("pupci0", FREAD);
  EXPECT_EQ(node.info().version, PUPCI_IO_VERSION);
  EXPECT_EQ(node.config(0, 4), 0x11e81234U);
  EXPECT_EQ(node.config_write(4, 2, 6), EBADF);
  pupci_access access{0, 4, 0, 0};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_READ, access), EBADF);
  EXPECT_EQ(node.ioctl(PUPCI_IOC_RESET), EBADF);
  pupci_dma_alloc memory{};
  memory.size = 4096;
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_ALLOC, memory), EBADF);
  pupci_intr_alloc vectors{PUPCI_INTR_MSI, 1};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_ALLOC, vectors), EBADF);
}

TEST(Module, ConfigurationWidths) {
  ModuleMachine machine("edu");
  ModuleNode node;
  EXPECT_EQ(node.config(0, 2), 0x1234U);
  EXPECT_EQ(node.config(2, 2), 0x11e8U);
  EXPECT_EQ(node.config(3, 1), 0x11U);
  for (const auto& [offset, width] :
       {std::pair{1U, 2U}, {2U, 4U}, {0U, 3U}, {0U, 0U}, {0U, 8U}, {0x1000U, 4U}, {~0U, 1U}}) {
    pupci_config config{offset, width, 0};
    EXPECT_EQ(node.ioctl(PUPCI_IOC_CONFIG_READ, config), EINVAL) << offset << "," << width;
    EXPECT_EQ(node.ioctl(PUPCI_IOC_CONFIG_WRITE, config), EINVAL) << offset << "," << width;
  }
}

// Sizing works, and moves nothing.
TEST(Module, BarsAreShadowed) {
  ModuleMachine machine("regs");
  const auto function = machine.function(0);
  ModuleNode node;
  const std::uint32_t real = function->config_read(PCI_BAR(0), 4);
  EXPECT_EQ(node.config(PCI_BAR(0), 4), real);
  EXPECT_EQ(node.config_write(PCI_BAR(0), 4, 0xffffffff), 0);
  EXPECT_EQ(node.config(PCI_BAR(0), 4), 0xfffff000U | (real & 0xf));
  EXPECT_EQ(function->config_read(PCI_BAR(0), 4), real);
  EXPECT_EQ(node.config_write(PCI_BAR(2), 4, 0xffffffff), 0);
  EXPECT_EQ(node.config(PCI_BAR(2), 4), 0xffffffe1U);
  // 1 MiB in 64 bits.
  EXPECT_EQ(node.config_write(PCI_BAR(4), 4, 0xffffffff), 0);
  EXPECT_EQ(node.config_write(PCI_BAR(5), 4, 0xffffffff), 0);
  EXPECT_EQ(node.config(PCI_BAR(4), 4) & ~0xfU, 0xfff00000U);
  EXPECT_EQ(node.config(PCI_BAR(5), 4), 0xffffffffU);
  EXPECT_EQ(node.config_write(PCI_BAR(3), 4, 0xffffffff), 0);
  EXPECT_EQ(node.config(PCI_BAR(3), 4), 0U);
  // The next process finds what is true.
  node.close();
  EXPECT_EQ(ModuleNode().config(PCI_BAR(0), 4), real);
}

TEST(Module, WhatIsTheKernelsStays) {
  ModuleMachine machine("msix");
  const auto function = machine.function(0);
  ModuleNode node;
  const auto unchanged = [&](unsigned offset) {
    const std::uint32_t before = function->config_read(offset, 4);
    EXPECT_EQ(node.config_write(offset, 4, ~before), 0);
    EXPECT_EQ(function->config_read(offset, 4), before) << std::hex << offset;
  };
  unchanged(0x00);
  unchanged(0x3c);
  for (unsigned at = function->config_read(0x34, 1); at != 0;
       at = function->config_read(at + 1, 1)) {
    const unsigned id = function->config_read(at, 1);
    if (id != PCI_CAP_MSI && id != PCI_CAP_MSIX) continue;
    for (unsigned word = 0; word < 12; word += 4) unchanged(at + word);
  }
  for (unsigned at = function->config_read(0x34, 1); at != 0;
       at = function->config_read(at + 1, 1)) {
    if (function->config_read(at, 1) != PCI_CAP_PCIEXPRESS) continue;
    // No reset behind the kernel's back, no other payload size.
    const std::uint32_t before = function->config_read(at + 8, 2);
    EXPECT_EQ(node.config_write(at + 8, 2, before ^ 0x80e0), 0);
    EXPECT_EQ(function->config_read(at + 8, 2), before);
    EXPECT_EQ(node.config_write(at + 8, 2, before ^ 0x10), 0);
    EXPECT_EQ(function->config_read(at + 8, 2), before ^ 0x10);
  }
}

TEST(Module, BusMasteringEndsWithTheOwner) {
  ModuleMachine machine("edu");
  const auto function = machine.function(0);
  EXPECT_EQ(function->config_read(4, 2) & 4, 0U);
  ModuleNode node;
  EXPECT_EQ(node.config_write(4, 2, node.config(4, 2) | 4), 0);
  EXPECT_EQ(function->config_read(4, 2) & 4, 4U);
  node.close();
  EXPECT_EQ(function->config_read(4, 2) & 4, 0U);
}

TEST(Module, StatusBitsClearOnlyWhatWasWritten) {
  ModuleMachine machine("edu");
  ModuleNode node;
  // The upper half of the register clears by ones: not when the lower is written.
  const std::uint32_t status = node.config(6, 2);
  EXPECT_EQ(node.config_write(4, 2, node.config(4, 2)), 0);
  EXPECT_EQ(node.config(6, 2), status);
}

TEST(Module, AccessesToBars) {
  ModuleMachine machine("regs");
  ModuleNode node;
  ASSERT_EQ(node.config_write(4, 2, 3), 0);
  EXPECT_EQ(node.read(0, 0, 4), 0x73676572U);
  for (const unsigned width : {1U, 2U, 4U, 8U}) {
    const std::uint64_t value = 0x8877665544332211U >> (64 - 8 * width);
    EXPECT_EQ(node.write(0, 0x800, width, value), 0);
    EXPECT_EQ(node.read(0, 0x800, width), value);
    EXPECT_EQ(node.write(4, 0x8, width, value), 0);
    EXPECT_EQ(node.read(4, 0x8, width), value);
  }
  for (const unsigned width : {1U, 2U, 4U}) {
    EXPECT_EQ(node.write(2, 0x10, width, 0x5a), 0);
    EXPECT_EQ(node.read(2, 0x10, width) & 0xff, 0x5aU);
    EXPECT_EQ(node.read(2, 0x00, 1), width);
  }
}

TEST(Module, AccessesThatAreNone) {
  ModuleMachine machine("regs");
  ModuleNode node;
  EXPECT_EQ(node.write(0, 1, 2, 0), EINVAL);
  EXPECT_EQ(node.write(0, 0, 3, 0), EINVAL);
  EXPECT_EQ(node.write(0, 0, 0, 0), EINVAL);
  EXPECT_EQ(node.write(2, 0, 8, 0), EINVAL);
  EXPECT_EQ(node.write(0, 0x1000, 4, 0), ERANGE);
  EXPECT_EQ(node.write(0, UINT64_MAX - 3, 4, 0), ERANGE);
  EXPECT_EQ(node.write(3, 0, 4, 0), ENXIO);
  EXPECT_EQ(node.write(5, 0, 4, 0), ENXIO);
  EXPECT_EQ(node.write(7, 0, 4, 0), ENXIO);
  EXPECT_EQ(node.write(~0U, 0, 4, 0), ENXIO);
  EXPECT_EQ(node.ioctl(_IO('u', 99)), ENOTTY);
  EXPECT_EQ(node.ioctl(PUPCI_IOC_INTR_MASK), ENOTTY);
}

TEST(Module, Blocks) {
  ModuleMachine machine("regs");
  ModuleNode node;
  ASSERT_EQ(node.config_write(4, 2, 3), 0);
  node.memory.resize(256);
  for (std::size_t i = 0; i < 256; i++) node.memory[i] = static_cast<std::byte>(i * 7);
  const auto sent = node.memory;
  pupci_block block{};
  block.bar = 0;
  block.width = 4;
  block.offset = 0x900;
  block.count = 64;
  block.data = ModuleNode::memory_address;
  block.flags = PUPCI_BLOCK_WRITE;
  ASSERT_EQ(node.ioctl(PUPCI_IOC_BLOCK, block), 0);
  node.memory.assign(256, std::byte{});
  block.flags = 0;
  ASSERT_EQ(node.ioctl(PUPCI_IOC_BLOCK, block), 0);
  EXPECT_EQ(node.memory, sent);

  // A FIFO: all at one offset.
  block = {0, 2, 0x30, PUPCI_BLOCK_WRITE | PUPCI_BLOCK_FIFO, 100, ModuleNode::memory_address};
  ASSERT_EQ(node.ioctl(PUPCI_IOC_BLOCK, block), 0);
  EXPECT_EQ(node.read(0, 0x38, 4), 100U);
  node.memory.assign(256, std::byte{});
  block.flags = PUPCI_BLOCK_FIFO;
  ASSERT_EQ(node.ioctl(PUPCI_IOC_BLOCK, block), 0);
  EXPECT_TRUE(std::equal(sent.begin(), sent.begin() + 200, node.memory.begin()));
  EXPECT_EQ(node.read(0, 0x38, 4), 0U);
}

TEST(Module, BlocksThatAreNone) {
  ModuleMachine machine("regs");
  ModuleNode node;
  node.memory.resize(16);
  const auto transfer = [&](pupci_block block) { return node.ioctl(PUPCI_IOC_BLOCK, block); };
  const std::uint64_t here = ModuleNode::memory_address;
  EXPECT_EQ(transfer({0, 4, 0x800, 4, 1, here}), EINVAL);
  EXPECT_EQ(transfer({0, 0, 0x800, 0, 1, here}), EINVAL);
  EXPECT_EQ(transfer({0, 3, 0x800, 0, 1, here}), EINVAL);
  EXPECT_EQ(transfer({0, 4, 0x800, 0, PUPCI_BLOCK_MAX / 4 + 1, here}), EINVAL);
  EXPECT_EQ(transfer({0, 4, 0xffc, 0, 2, here}), ERANGE);
  EXPECT_EQ(transfer({0, 4, 0x800, PUPCI_BLOCK_WRITE, 4, 0xdead0000}), EFAULT);
  EXPECT_EQ(transfer({0, 4, 0x800, 0, 4, 0xdead0000}), EFAULT);
  EXPECT_EQ(transfer({0, 4, 0x800, 0, 0, 0xdead0000}), 0);
}

TEST(Module, MemoryForDma) {
  ModuleMachine machine("edu");
  ModuleNode node;
  pupci_dma_alloc memory{};
  memory.size = 10000;
  memory.alignment = 65536;
  memory.boundary = 1 << 20;
  memory.highest = 0xfffffff;
  ASSERT_EQ(node.ioctl(PUPCI_IOC_DMA_ALLOC, memory), 0);
  EXPECT_EQ(memory.size, 12288U);
  EXPECT_EQ(memory.address % 65536, 0U);
  EXPECT_LE(memory.address + memory.size - 1, 0xfffffffU);
  pupci_dma_alloc other{};
  other.size = 4096;
  other.highest = UINT64_MAX;
  ASSERT_EQ(node.ioctl(PUPCI_IOC_DMA_ALLOC, other), 0);
  EXPECT_NE(other.id, memory.id);
  EXPECT_NE(other.mmap_offset, memory.mmap_offset);

  pupci_dma_sync sync{memory.id, PUPCI_SYNC_PREREAD | PUPCI_SYNC_PREWRITE, 0, 12288};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_SYNC, sync), 0);
  sync.length++;
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_SYNC, sync), ERANGE);
  sync = {memory.id, PUPCI_SYNC_PREREAD | PUPCI_SYNC_POSTREAD, 0, 1};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_SYNC, sync), EINVAL);
  sync = {memory.id, 0, 0, 1};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_SYNC, sync), EINVAL);
  std::uint32_t id = memory.id;
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_RELEASE, id), 0);
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_RELEASE, id), ENOENT);
  sync = {memory.id, PUPCI_SYNC_PREREAD, 0, 1};
  EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_SYNC, sync), ENOENT);
  // The other one goes with the descriptor.
  node.close();
  EXPECT_EQ(machine.detach(), std::vector<std::string>{});
}

// What cannot be reset may still have a transfer in mind, to memory that it was given.
TEST(Module, MemoryStaysWithWhatCannotBeReset) {
  ModuleMachine machine("faulty=noreset,msix");
  const auto allocate = [](const std::string& name, std::uint64_t size) {
    ModuleNode node(name);
    EXPECT_EQ(node.ioctl(PUPCI_IOC_RESET), name == "pupci0" ? EOPNOTSUPP : 0);
    pupci_dma_alloc memory{};
    memory.size = size;
    memory.highest = UINT64_MAX;
    EXPECT_EQ(node.ioctl(PUPCI_IOC_DMA_ALLOC, memory), 0);
    return memory.address;
  };
  const std::uint64_t first = allocate("pupci0", 8192);
  const std::uint64_t other = allocate("pupci1", 8192);
  EXPECT_NE(other, first);
  EXPECT_EQ(allocate("pupci1", 8192), other);  // was free again
  EXPECT_NE(allocate("pupci0", 4096), first);  // another size
  EXPECT_EQ(allocate("pupci0", 8192), first);
  // Kept memory does not keep its owner from what the limit allows.
  allocate("pupci0", 200 << 20);
  allocate("pupci0", 190 << 20);
  EXPECT_EQ(machine.detach(), std::vector<std::string>{});
}

TEST(Module, MemoryThatIsNone) {
  ModuleMachine machine("edu");
  ModuleNode node;
  const auto ask = [&](std::uint64_t size, std::uint64_t alignment, std::uint64_t boundary,
                       std::uint64_t lowest, std::uint64_t highest) {
    pupci_dma_alloc memory{size, alignment, boundary, lowest, highest, 0, 0, 0, 0};
    return node.ioctl(PUPCI_IOC_DMA_ALLOC, memory);
  };
  EXPECT_EQ(ask(0, 0, 0, 0, UINT64_MAX), EINVAL);
  EXPECT_EQ(ask(UINT64_MAX, 0, 0, 0, UINT64_MAX), EINVAL);
  EXPECT_EQ(ask(4096, 3, 0, 0, UINT64_MAX), EINVAL);
  EXPECT_EQ(ask(4096, 0, 12345, 0, UINT64_MAX), EINVAL);
  EXPECT_EQ(ask(8192, 0, 4096, 0, UINT64_MAX), EINVAL);
  EXPECT_EQ(ask(4096, 0, 0, 2, 1), EINVAL);
  EXPECT_EQ(ask(std::uint64_t{300} << 20, 0, 0, 0, UINT64_MAX), ENOMEM);
  EXPECT_EQ(ask(4096, 0, 0, 0, 4095), ENOMEM);
}

TEST(Module, ResetsAndKeepsItsPlace) {
  ModuleMachine machine("msix");
  const auto function = machine.function(0);
  ModuleNode node;
  EXPECT_NE(node.info().flags & PUPCI_INFO_RESET_FLR, 0U);
  ASSERT_EQ(node.config_write(4, 2, 6), 0);
  ASSERT_EQ(node.write(0, 0x14, 4, 77), 0);
  const std::uint32_t bar = function->config_read(PCI_BAR(0), 4);
  ASSERT_EQ(node.ioctl(PUPCI_IOC_RESET), 0);
  EXPECT_EQ(function->config_read(PCI_BAR(0), 4), bar);
  EXPECT_EQ(function->config_read(4, 2) & 7, 2U);  // bus mastering is off
  EXPECT_NE(node.read(0, 0x14, 4), 77U);
}

TEST(Module, PowerStates) {
  ModuleMachine machine("msix");
  const auto function = machine.function(0);
  unsigned at = function->config_read(0x34, 1);
  while (at != 0 && function->config_read(at, 1) != PCI_CAP_PWRMGMT) {
    at = function->config_read(at + 1, 1);
  }
  ASSERT_NE(at, 0U);
  ModuleNode node;
  ASSERT_EQ(node.config_write(4, 2, 6), 0);
  const std::uint32_t bar = function->config_read(PCI_BAR(0), 4);
  ASSERT_EQ(node.config_write(at + 4, 2, 3), 0);
  EXPECT_EQ(function->config_read(at + 4, 2) & 3, 3U);
  ASSERT_EQ(node.config_write(at + 4, 2, 0), 0);
  EXPECT_EQ(function->config_read(at + 4, 2) & 3, 0U);
  EXPECT_EQ(function->config_read(PCI_BAR(0), 4), bar);
  EXPECT_EQ(function->config_read(4, 2) & 7, 6U);
  // What the kernel wants of the line meanwhile outlasts what was saved.
  ASSERT_EQ(node.allocate(PUPCI_INTR_INTX, 1), 0);
  ASSERT_GE(node.establish(0), 0);
  ASSERT_EQ(node.config_write(at + 4, 2, 3), 0);
  ASSERT_EQ(node.ioctl(PUPCI_IOC_INTR_RELEASE), 0);
  ASSERT_EQ(node.config_write(at + 4, 2, 0), 0);
  EXPECT_EQ(function->config_read(4, 2) & 0x407, 0x406U);
  // Asleep at the end: awake for the next one, and no master.
  ASSERT_EQ(node.config_write(at + 4, 2, 3), 0);
  node.close();
  EXPECT_EQ(function->config_read(at + 4, 2) & 3, 0U);
  EXPECT_EQ(function->config_read(4, 2) & 4, 0U);
}

TEST(Module, DetachedWhileOpen) {
  ModuleMachine machine("edu");
  ModuleNode node;
  ASSERT_EQ(node.config_write(4, 2, 6), 0);
  const auto function = machine.function(0);
  EXPECT_EQ(machine.detach(), std::vector<std::string>{});
  EXPECT_EQ(function->config_read(4, 2) & 4, 0U);
  pupci_info info{};
  const int error = node.ioctl(PUPCI_IOC_INFO, info);
  EXPECT_TRUE(error == ENXIO || error == EBADF) << error;
}

}  // namespace
