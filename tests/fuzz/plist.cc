// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the reader of XML property lists: what it accepts is written, read again, and equal.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "netbsd/prop/proplib.h"
#include "netbsd/sys/malloc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const prop_object_t object = prop_object_internalize(text.c_str());
  if (object == nullptr) return 0;
  char* written = prop_object_externalize(object);
  if (written == nullptr) std::abort();
  const prop_object_t again = prop_object_internalize(written);
  if (again == nullptr || !prop_object_equals(object, again)) std::abort();
  kern_free(written, M_TEMP);
  prop_object_release(again);
  prop_object_release(object);
  return 0;
}
