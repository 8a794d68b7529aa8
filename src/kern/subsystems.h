// SPDX-License-Identifier: BSD-2-Clause
// What starts and stops with the kernel. A subsystem declares its two functions here and stands in
// the table of subsystems.cc, below everything that it uses. Both are called without the kernel
// lock. Start may throw pupci::Error; those started before are stopped then. Stop comes after all
// devices have been detached, waits for the subsystem's threads, and leaves it fit for another
// start.
#pragma once

namespace pupci::kern {

class Kernel;

void kthread_stop() noexcept;
void pci_node_start();
void pci_node_stop() noexcept;
void softclock_start(Kernel& kernel);
void softclock_stop() noexcept;
void softint_start(Kernel& kernel);
void softint_stop() noexcept;
void xcall_start(Kernel& kernel);
void xcall_stop() noexcept;

void subsystems_start(Kernel& kernel);  // all or none
void subsystems_stop() noexcept;        // those that were started, in reverse

}  // namespace pupci::kern
