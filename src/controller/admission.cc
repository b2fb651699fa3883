#include "controller/admission.h"

namespace fabrix::controller {

std::string_view to_string(Bar bar) {
  switch (bar) {
    case Bar::kNone:
      return "none";
    case Bar::kDisabled:
      return "disabled";
    case Bar::kPrefixLimit:
      return "prefix limit";
  }
  return "unknown";
}

Bar Admission::bar(TimePoint now) const {
  if (disabled_) return Bar::kDisabled;
  if (over_limit_ && (!limit_ends_ || now < *limit_ends_)) return Bar::kPrefixLimit;
  return Bar::kNone;
}

std::optional<Admission::TimePoint> Admission::bar_ends() const {
  if (disabled_ || !over_limit_) return std::nullopt;
  return limit_ends_;
}

void Admission::pass_limit(std::optional<TimePoint> until) {
  over_limit_ = true;
  limit_ends_ = until;
}

bool Admission::answers_one_more(TimePoint now) {
  auto& oldest = answered_.at(oldest_);
  if (oldest && now - *oldest < kWindow) return false;
  oldest = now;
  oldest_ = (oldest_ + 1) % answered_.size();
  return true;
}

}  // namespace fabrix::controller
