// SPDX-License-Identifier: BSD-2-Clause
// Which sanitizer watches this build: GCC says so by macros, clang when asked.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define PUPCI_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define PUPCI_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PUPCI_ASAN 1
#elif __has_feature(thread_sanitizer)
#define PUPCI_TSAN 1
#endif
#endif
