#include "telemetry/sequence.h"

namespace fabrix::telemetry {

SequenceCount& SequenceCount::operator+=(const SequenceCount& other) {
  received += other.received;
  lost += other.lost;
  duplicates += other.duplicates;
  out_of_order += other.out_of_order;
  return *this;
}

void SequenceTracker::begin(std::uint32_t number) {
  begun_ = true;
  highest_ = number;
  seen_ = 1;
  missing_ = 0;
}

void SequenceTracker::advance(std::uint32_t by) {
  count_.lost += by - 1;
  if (by < kWindow) {
    seen_ = seen_ << by | 1U;
    missing_ = missing_ << by | ((std::uint64_t{1} << by) - 2);
  } else {
    seen_ = 1;
    missing_ = ~std::uint64_t{1};
  }
  highest_ += by;
}

SequenceTracker::Arrival SequenceTracker::add_late(std::uint32_t behind) {
  const std::uint64_t bit = std::uint64_t{1} << behind;
  if ((seen_ & bit) != 0) {
    ++count_.duplicates;
    return Arrival::kDuplicate;
  }
  ++count_.out_of_order;
  if ((missing_ & bit) != 0) --count_.lost;
  seen_ |= bit;
  missing_ &= ~bit;
  return Arrival::kLate;
}

SequenceTracker::Arrival SequenceTracker::add(std::uint32_t number) {
  ++count_.received;
  if (!begun_) {
    begin(number);
    return Arrival::kNext;
  }
  const std::uint32_t ahead = number - highest_;
  constexpr std::uint32_t kHalf = 0x80000000;
  if (ahead != 0 && ahead < kHalf) {
    advance(ahead);
    return Arrival::kNext;
  }
  const std::uint32_t behind = highest_ - number;
  if (behind < kWindow) return add_late(behind);
  begin(number);
  return Arrival::kRestart;
}

bool began_again(std::uint32_t before, std::uint32_t now) {
  constexpr std::uint32_t kOvertakenMs = 5'000;
  constexpr std::uint32_t kAroundWrapMs = 600'000;
  if (now + std::uint64_t{kOvertakenMs} >= before) return false;
  const bool wrapped = before > UINT32_MAX - kAroundWrapMs && now < kAroundWrapMs;
  return !wrapped;
}

}  // namespace fabrix::telemetry
