// SPDX-License-Identifier: BSD-2-Clause
// A reporter that prints, after the benchmarks of a run, how some compare with others.
#pragma once

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace pupci::bench {

struct Ratio {
  std::string ours;
  std::string theirs;
};

class RatioReporter : public benchmark::ConsoleReporter {
 public:
  explicit RatioReporter(std::vector<Ratio> ratios) : ratios_(std::move(ratios)) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      // Processor time where only one thread works, since the machine has others to run.
      const double time =
          run.run_name.time_type.empty() ? run.GetAdjustedCPUTime() : run.GetAdjustedRealTime();
      const auto [at, first] = best_.try_emplace(run.run_name.function_name, time);
      if (!first) at->second = std::min(at->second, time);
    }
    ConsoleReporter::ReportRuns(runs);
  }

  // The best of the repetitions of each: what the code costs, without the neighbours.
  void Finalize() override {
    for (const Ratio& ratio : ratios_) {
      const auto ours = best_.find(ratio.ours);
      const auto theirs = best_.find(ratio.theirs);
      if (ours == best_.end() || theirs == best_.end()) continue;
      fmt::print("ratio {} / {}: {:.2f} ({:.1f} / {:.1f})\n", ratio.ours, ratio.theirs,
                 ours->second / theirs->second, ours->second, theirs->second);
    }
  }

 private:
  std::vector<Ratio> ratios_;
  std::map<std::string, double> best_;
};

inline int run(int argc, char** argv, std::vector<Ratio> ratios) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  RatioReporter reporter(std::move(ratios));
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  return 0;
}

}  // namespace pupci::bench
