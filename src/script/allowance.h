// Allowance: so much in the long run, and so much at once: a token bucket.
//
// What is spent may exceed what there is; then nothing is there until that has been made up for.
// Time is an input, and does not go back. Pure; a value.
#pragma once

#include <chrono>

namespace fabrix::script {

class Allowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Full at first.
  Allowance(double each_second, double at_once)
      : each_second_(each_second), at_once_(at_once), left_(at_once) {}

  bool has_any(Time now);
  void spend(double amount, Time now);

  // One, if there is any.
  bool take(Time now);

  // How long until there is any.
  std::chrono::milliseconds wait(Time now);

 private:
  void fill(Time now);

  double each_second_;
  double at_once_;
  double left_;
  Time filled_{};
};

}  // namespace fabrix::script
