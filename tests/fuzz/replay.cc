// SPDX-License-Identifier: BSD-2-Clause
// Runs a fuzz target over the files of its corpus and over mutations of them, the same ones each
// time: the regression test where there is no libFuzzer.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

void run(const Input& input) {
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

void mutate(Input& input, std::mt19937& random) {
  for (unsigned count = 1 + random() % 8; count != 0; count--) {
    const std::size_t at = input.empty() ? 0 : random() % input.size();
    switch (random() % 5) {
      case 0:
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(at),
                     static_cast<std::uint8_t>(random()));
        break;
      case 1:
        if (!input.empty()) input.erase(input.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 2:
        if (!input.empty()) input[at] ^= static_cast<std::uint8_t>(1U << random() % 8);
        break;
      case 3:
        if (!input.empty()) input[at] = random() % 2 == 0 ? 0xff : 0x00;
        break;
      default:
        if (!input.empty()) input[at] = static_cast<std::uint8_t>(random());
        break;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int mutations = 1000;
  unsigned files = 0;
  for (int i = 1; i < argc; i++) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const Input original{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      files++;
      run(original);
      std::mt19937 random(files);
      for (int k = 0; k < mutations; k++) {
        Input input = original;
        mutate(input, random);
        run(input);
      }
    }
  }
  run({});
  std::printf("%u inputs, %d mutations of each\n", files, mutations);
  return files == 0 ? 1 : 0;
}
