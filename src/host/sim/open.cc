// SPDX-License-Identifier: BSD-2-Clause
// What stands behind "sim:": the list of models, and its parser.
#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "host/sim/models.h"

namespace pupci::sim {
namespace {

struct Entry {
  std::string_view name;
  std::shared_ptr<Model> (*make)(std::string_view variant);
};

constexpr std::array<Entry, 6> models{{{"edu", make_edu},
                                       {"regs", make_registers},
                                       {"dma", make_dma_engine},
                                       {"msix", make_vectors},
                                       {"testdev", make_testdev},
                                       {"faulty", make_faulty}}};

constexpr std::string_view bridge_prefix = "bridge/";

// Takes what is before `separator` off the front of `text`.
std::string_view next(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view head = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return head;
}

// One MODEL[=VARIANT][*COUNT], each perhaps behind bridges.
void add_models(Segment& root, std::string_view item) {
  const std::string_view whole = item;
  Segment* segment = &root;
  while (item.substr(0, bridge_prefix.size()) == bridge_prefix) {
    segment = &segment->add_bridge();
    item.remove_prefix(bridge_prefix.size());
  }
  if (item == "bridge") {
    segment->add_bridge();
    return;
  }
  std::string_view model = next(item, '*');
  unsigned count = 1;
  if (model.data() + model.size() != whole.data() + whole.size()) {
    const auto [stop, error] = std::from_chars(item.data(), item.data() + item.size(), count);
    if (error != std::errc{} || stop != item.data() + item.size() || count == 0 || count > 256) {
      throw Error(EINVAL, fmt::format("sim: {}: the count behind * is 1 to 256", whole));
    }
  }
  const std::string_view name = next(model, '=');
  for (unsigned i = 0; i < count; i++) segment->add(make_model(name, model));
}

}  // namespace

void bad_variant(std::string_view model, std::string_view variant, std::string_view known) {
  throw Error(EINVAL,
              fmt::format("sim: {}={}: no such variant; there are: {}", model, variant, known));
}

std::shared_ptr<Model> make_model(std::string_view name, std::string_view variant) {
  std::string known;
  for (const Entry& entry : models) {
    if (entry.name == name) return entry.make(variant);
    known += fmt::format("{}, ", entry.name);
  }
  throw Error(EINVAL,
              fmt::format("sim: \"{}\": no such model; there are: {}bridge, and MODEL*COUNT "
                          "and bridge/MODEL",
                          name, known));
}

std::shared_ptr<Bus> open(std::string_view spec, const BusOptions& options) {
  Options mine;
  mine.arena_size = options.arena_size;
  mine.shared_arena = options.shared_arena;
  mine.trace = options.trace;
  constexpr std::size_t most = std::size_t{2047} << 20;  // below the BARs, as RAM of a PC is
  if (mine.arena_size > most) {
    throw Error(EINVAL,
                fmt::format("sim: an arena of {} MiB does not fit below 2 GiB; ask for less",
                            mine.arena_size >> 20));
  }
  if (!options.arguments.empty()) {
    throw Error(EINVAL, fmt::format("sim: \"{}\": takes no arguments behind --; name models as in "
                                    "--host sim:edu,bridge/edu",
                                    options.arguments.front()));
  }
  auto bus = std::make_shared<Bus>(mine);
  while (!spec.empty()) add_models(bus->root(), next(spec, ','));
  return bus;
}

}  // namespace pupci::sim
