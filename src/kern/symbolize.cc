// SPDX-License-Identifier: BSD-2-Clause
#include "kern/symbolize.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>
#include <unwind.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

#ifdef HAVE_LIBDW
#include <elfutils/libdwfl.h>
#endif

namespace pupci::kern {
namespace {

struct Place {
  std::string function;
  std::uintptr_t offset = 0;
  std::string file;  // base name
  int line = 0;
  std::string object;  // base name
};

std::string base_name(const char* path) {
  const std::string_view whole(path);
  return std::string(whole.substr(whole.rfind('/') + 1));
}

std::string demangle(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 ? readable.get() : name;
}

// What the dynamic linker knows: exported functions only.
Place from_linker(std::uintptr_t pc) {
  Place place;
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(pc), &info) == 0) return place;
  if (info.dli_fname != nullptr) place.object = base_name(info.dli_fname);
  if (info.dli_sname != nullptr) {
    place.function = demangle(info.dli_sname);
    place.offset = pc - reinterpret_cast<std::uintptr_t>(info.dli_saddr);
  }
  return place;
}

#ifdef HAVE_LIBDW

// Separate debug files may mean a download; drivers carry theirs.
int no_separate_file(Dwfl_Module*, void**, const char*, Dwarf_Addr, const char*, const char*,
                     GElf_Word, char**) {
  return -1;
}

// Changes whenever an object is loaded or unloaded.
std::uint64_t count_of_loads() {
  std::uint64_t count = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* result) {
        *static_cast<std::uint64_t*>(result) = info->dlpi_adds + info->dlpi_subs;
        return 1;
      },
      &count);
  return count;
}

class DebugInfo {
 public:
  // Null while this thread is inside already (a crash in libdw).
  static DebugInfo* instance() {
    static auto& the = *new DebugInfo;  // immortal: it is wanted to the very end
    return the.dwfl_ == nullptr ? nullptr : &the;
  }

  std::optional<Place> find(std::uintptr_t pc, bool exact) {
    if (inside_) return std::nullopt;
    inside_ = true;
    const Leave leave;
    const std::scoped_lock lock(mutex_);
    refresh();
    const std::uintptr_t call = exact ? pc : pc - 1;
    Dwfl_Module* module = dwfl_addrmodule(dwfl_, call);
    if (module == nullptr) return std::nullopt;
    Place place;
    describe_function(module, pc, call, place);
    describe_line(module, call, place);
    const char* name =
        dwfl_module_info(module, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
    if (name != nullptr) place.object = base_name(name);
    return place;
  }

 private:
  struct Leave {
    Leave() = default;
    ~Leave() { inside_ = false; }
    Leave(const Leave&) = delete;
    Leave& operator=(const Leave&) = delete;
  };

  DebugInfo() : dwfl_(dwfl_begin(&callbacks_)) {}

  void refresh() {
    const std::uint64_t loads = count_of_loads();
    if (loads == loads_) return;
    dwfl_report_begin(dwfl_);
    dwfl_linux_proc_report(dwfl_, getpid());
    dwfl_report_end(dwfl_, nullptr, nullptr);
    loads_ = loads;
  }

  static void describe_function(Dwfl_Module* module, std::uintptr_t pc, std::uintptr_t call,
                                Place& place) {
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char* name =
        dwfl_module_addrinfo(module, call, &offset, &symbol, nullptr, nullptr, nullptr);
    if (name == nullptr) return;
    place.function = demangle(name);
    place.offset = offset + (pc - call);
  }

  static void describe_line(Dwfl_Module* module, std::uintptr_t call, Place& place) {
    if (Dwfl_Line* line = dwfl_module_getsrc(module, call)) {
      const char* file = dwfl_lineinfo(line, nullptr, &place.line, nullptr, nullptr, nullptr);
      if (file != nullptr) place.file = base_name(file);
      return;
    }
    // Clang leaves out the table that tells which unit an address is of.
    Dwarf_Addr bias = 0;
    for (Dwarf_Die* unit = nullptr;
         (unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr && place.file.empty();) {
      if (dwarf_haspc(unit, call - bias) == 1) describe_line(unit, call - bias, place);
    }
  }

  static void describe_line(Dwarf_Die* unit, Dwarf_Addr call, Place& place) {
    Dwarf_Line* line = dwarf_getsrc_die(unit, call);
    if (line == nullptr) return;
    const char* file = dwarf_linesrc(line, nullptr, nullptr);
    if (file == nullptr || dwarf_lineno(line, &place.line) != 0) return;
    place.file = base_name(file);
  }

  static inline const Dwfl_Callbacks callbacks_{dwfl_linux_proc_find_elf, no_separate_file, nullptr,
                                                nullptr};
  static thread_local bool inside_;
  std::mutex mutex_;
  Dwfl* dwfl_;
  std::uint64_t loads_ = 0;
};

thread_local bool DebugInfo::inside_ = false;

#endif

Place find_place(const void* address, [[maybe_unused]] bool exact) {
  const auto pc = reinterpret_cast<std::uintptr_t>(address);
#ifdef HAVE_LIBDW
  if (DebugInfo* info = DebugInfo::instance()) {
    if (const auto place = info->find(pc, exact); place && !place->function.empty()) return *place;
  }
#endif
  return from_linker(pc);
}

std::string to_text(const Place& place, const void* pc, bool with_object) {
  std::string text;
  if (place.function.empty()) {
    text = fmt::format("{}", fmt::ptr(pc));
  } else {
    text = fmt::format("{}+{:#x}", place.function, place.offset);
    if (!place.file.empty()) text += fmt::format(" ({}:{})", place.file, place.line);
  }
  if ((with_object || place.function.empty()) && !place.object.empty()) {
    text += " in " + place.object;
  }
  return text;
}

struct Frame {
  const void* pc;
  bool exact;
};

struct Walk {
  std::vector<Frame> frames;
  unsigned skip;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* argument) {
  constexpr std::size_t deepest = 64;
  auto& walk = *static_cast<Walk*>(argument);
  int exact = 0;
  const auto pc = _Unwind_GetIPInfo(context, &exact);
  if (pc == 0) return _URC_END_OF_STACK;
  if (walk.skip > 0) {
    --walk.skip;
  } else {
    walk.frames.push_back({reinterpret_cast<const void*>(pc), exact != 0});
  }
  return walk.frames.size() < deepest ? _URC_NO_REASON : _URC_END_OF_STACK;
}

}  // namespace

std::string symbolize(const void* pc) {
  return to_text(find_place(pc, false), pc, false);
}

std::string symbolize_exact(const void* pc) {
  return to_text(find_place(pc, true), pc, false);
}

std::string function_at(const void* pc) {
  return find_place(pc, false).function;
}

std::string object_at(const void* pc) {
  return find_place(pc, false).object;
}

__attribute__((noinline)) std::vector<std::string> backtrace(unsigned skip) {
  Walk walk{{}, skip + 1};
  _Unwind_Backtrace(visit, &walk);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < walk.frames.size(); ++i) {
    const Frame& frame = walk.frames[i];
    lines.push_back(
        fmt::format("#{} {}", i, to_text(find_place(frame.pc, frame.exact), frame.pc, true)));
  }
  return lines;
}

void symbolize_warm(const void* pc) noexcept {
  try {
    void* dummy = nullptr;
    Walk walk{{}, 0};
    _Unwind_Backtrace(visit, &walk);  // loads the unwinder
    (void)find_place(pc != nullptr ? pc : static_cast<void*>(&dummy), false);
  } catch (...) {
    return;  // then the crash handler does without
  }
}

}  // namespace pupci::kern
