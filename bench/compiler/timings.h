// Timings: what each operation of a benchmark took, on the wall and on the CPU: the second is what
// it costs on a busy machine too.
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <numeric>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace fabrix::compiler {

inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

class Timings {
 public:
  template <typename Work>
  void time(const Work& work) {
    const auto began = std::chrono::steady_clock::now();
    const double cpu_began = cpu_seconds();
    work();
    cpu_.push_back((cpu_seconds() - cpu_began) * 1e6);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    wall_.push_back(took.count());
  }
  // As counters whose names begin with `what`.
  void report(benchmark::State& state, const std::string& what = "") {
    report(state, what, "", wall_);
    report(state, what, "_cpu", cpu_);
  }

 private:
  static void report(benchmark::State& state, const std::string& what, const std::string& suffix,
                     std::vector<double>& all) {
    std::ranges::sort(all);
    const auto at = [&all](double share) {
      return all.at(static_cast<std::size_t>(share * static_cast<double>(all.size() - 1)));
    };
    state.counters[what + "mean_us" + suffix] =
        std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    state.counters[what + "p50_us" + suffix] = at(0.5);
    state.counters[what + "p99_us" + suffix] = at(0.99);
    state.counters[what + "max_us" + suffix] = at(1);
  }

  std::vector<double> wall_;
  std::vector<double> cpu_;
};

}  // namespace fabrix::compiler
