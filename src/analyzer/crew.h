// Crew: threads that do the parts of some work together with the thread that has it
// (telemetry/spread.h).
//
// Each thread has a part of its own, so that what it works on stays near its processor; parts whose
// threads have not begun when the caller has done its own, it does, too: a busy machine does not
// hold it up. Between works threads look for the next one for some microseconds, then they sleep.
//
// One thread at a time may call run(); what it wrote before, parts see, and what they wrote it sees
// after.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "telemetry/spread.h"

namespace fabrix::analyzer {

class Crew final : public telemetry::Spread {
 public:
  static constexpr std::size_t kMaxParts = 16;

  // Of so many parts, of which the caller does one: 1 .. kMaxParts, or the nearest.
  explicit Crew(std::size_t parts);
  ~Crew() override;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  Crew(Crew&&) = delete;
  Crew& operator=(Crew&&) = delete;

  std::size_t parts() const override { return threads_.size() + 1; }
  void run(const std::function<void(std::size_t part)>& do_part) override;

 private:
  void work(std::size_t part);
  bool claim(std::size_t part, std::uint32_t work);

  using DoPart = std::function<void(std::size_t part)>;

  std::atomic<const DoPart*> do_part_ = nullptr;                 // null once there is no more
  std::atomic<std::uint32_t> works_ = 0;                         // that have been begun
  std::atomic<std::uint32_t> done_ = 0;                          // parts of this one, by threads
  std::array<std::atomic<std::uint32_t>, kMaxParts> claimed_{};  // by part, the last work
  std::vector<std::thread> threads_;
};

}  // namespace fabrix::analyzer
