// Budget: how many steps some work may take.
//
// A step is about what looking at one edge of a diagram, or at one interval of a set, takes: some
// tens of nanoseconds. Steps are not time: what fits once fits on any machine and under any load.
// Not thread-safe.
#pragma once

#include <cstdint>

namespace fabrix {

class Budget {
 public:
  explicit Budget(std::uint64_t steps) : left_(steps), all_(steps) {}

  // False if there are not so many left: it is spent then, for good.
  bool spend(std::uint64_t steps) {
    spent_ = spent_ || steps > left_;
    left_ = spent_ ? 0 : left_ - steps;
    return !spent_;
  }
  bool is_spent() const { return spent_; }
  std::uint64_t left() const { return left_; }
  // All, once it is spent.
  std::uint64_t taken() const { return all_ - left_; }

 private:
  std::uint64_t left_;
  std::uint64_t all_;
  bool spent_ = false;
};

}  // namespace fabrix
