// SPDX-License-Identifier: BSD-2-Clause
// PUPCI_API marks what the command and the tests use of the kernel library, beside the kernel API
// that include/netbsd exports to drivers.
#pragma once

#define PUPCI_API __attribute__((__visibility__("default")))
