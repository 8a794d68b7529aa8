// SPDX-License-Identifier: BSD-2-Clause
// A direct bus_space(9) access costs no call and at most three instructions more than the bare
// volatile access: counted in the machine code of tests/probes/bus_space_inline.c.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using Code = std::vector<std::string>;  // a function's instructions, in order

std::map<std::string, Code> disassemble(const std::string& object) {
  const std::string command = "objdump -d --no-show-raw-insn --no-addresses '" + object + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::map<std::string, Code> functions;
  Code* current = nullptr;
  std::array<char, 512> line{};
  while (pipe != nullptr && std::fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    const std::string text(line.data());
    if (text.front() == '<') {
      current = &functions[text.substr(1, text.find('>') - 1)];
    } else if (text.front() == '\t' && current != nullptr) {
      current->push_back(text.substr(1));
    }
  }
  return functions;
}

bool is(const std::string& instruction, std::string_view name) {
  return instruction.compare(0, name.size(), name) == 0;
}

// The path on which no branch is taken: up to the first return.
Code straight(const Code& code) {
  Code path;
  for (const std::string& instruction : code) {
    if (is(instruction, "endbr")) continue;
    path.push_back(instruction);
    if (is(instruction, "ret")) break;
  }
  return path;
}

std::string listing(const Code& code) {
  std::string text;
  for (const std::string& instruction : code) text += instruction;
  return text;
}

TEST(BusSpaceInline, CostsNoCallAndThreeInstructionsAtMost) {
  const auto functions = disassemble(PUPCI_INLINE_PROBE);
  for (const char* access :
       {"read_1", "read_2", "read_4", "read_8", "write_1", "write_2", "write_4", "write_8"}) {
    SCOPED_TRACE(access);
    ASSERT_EQ(functions.count(std::string("probe_") + access), 1U);
    const Code probe = straight(functions.at(std::string("probe_") + access));
    const Code raw = straight(functions.at(std::string("raw_") + access));
    ASSERT_GE(raw.size(), 2U) << listing(raw);
    ASSERT_TRUE(is(probe.back(), "ret")) << listing(probe);
    EXPECT_LE(probe.size(), raw.size() + 3) << listing(probe);
    for (const std::string& instruction : probe) {
      EXPECT_FALSE(is(instruction, "call") || is(instruction, "bl") || is(instruction, "jmp"))
          << listing(probe);
    }
    RecordProperty(std::string("more_") + access,
                   static_cast<int>(probe.size()) - static_cast<int>(raw.size()));
  }
}

}  // namespace
