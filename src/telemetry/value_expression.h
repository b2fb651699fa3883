// ValueExpression: what is measured of a flow, in sFlow-RT's syntax:
//
//   bytes, frames, requests   of the packets that samples stand for: scaled by the sampling rate
//   tcprtt, duration, ...     any key that is a number: the sum of what samples say, as it is
//   rate:KEY                  the same
//   avg:KEY                   the mean of what the samples say; avg:bytes is of the sampled packets
//   min:KEY, max:KEY          the least and the most that samples said lately
//   last:KEY                  what the last sample said
//   count:KEY                 how many different values there were lately
//
// "requests" are records of transactions, and messages of the DNS. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "telemetry/key_expression.h"
#include "telemetry/lookups.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class ValueExpression {
 public:
  enum class Kind : std::uint8_t { kSum, kMean, kLeast, kMost, kLast, kCount };

  static Result<ValueExpression> parse(std::string_view text, const Lookups* lookups = nullptr);

  Kind kind() const { return kind_; }

  // As KeyExpression::looks_up().
  bool looks_up() const { return key_ && key_->looks_up(); }

  // But of kCount: what the sample says; none if it says nothing.
  std::optional<double> number(const Sample& sample) const {
    const double scale = kind_ == Kind::kSum ? sample.sampling_rate : 1;
    if (of_ == Of::kBytes) return scale * sample.packet->frame_length();
    return of_ == Of::kFrames ? scale : further_number(sample, scale);
  }

  // Of kCount: the value that counts once. False, and nothing appended, if there is none.
  bool append(const Sample& sample, std::string& out) const;

 private:
  std::optional<double> further_number(const Sample& sample, double scale) const;

  enum class Of : std::uint8_t { kBytes, kFrames, kRequests, kKey };

  Kind kind_ = Kind::kSum;
  Of of_ = Of::kBytes;
  std::optional<KeyExpression> key_;
};

// Values separated by commas, none of them in brackets: "count:ipsource,avg:ipbytes".
Result<std::vector<ValueExpression>> parse_values(std::string_view text,
                                                  const Lookups* lookups = nullptr);

}  // namespace fabrix::telemetry
