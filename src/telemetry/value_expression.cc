#include "telemetry/value_expression.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::telemetry {
namespace {

// HTTP, application, and memcache transactions (sflow_http.txt, sflow_application.txt,
// sflow_memcache.txt).
constexpr std::array kTransactions{sflow::Tag::of(0, 2200), sflow::Tag::of(0, 2201),
                                   sflow::Tag::of(0, 2202), sflow::Tag::of(0, 2206)};

// Or a message of the DNS.
bool is_transaction(const sflow::SampledPacket& packet) {
  return packet.layers().find(sflow::LayerKind::kDns) != nullptr ||
         std::ranges::any_of(kTransactions,
                             [&](sflow::Tag tag) { return packet.record(tag).has_value(); });
}

bool is_address(const KeyExpression& key) {
  const Attribute* const attribute = key.attribute();
  if (attribute == nullptr) return false;
  const OctetForm form = attribute->form();
  return form == OctetForm::kMac || form == OctetForm::kIpv4 || form == OctetForm::kIpv6;
}

using Kind = ValueExpression::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 6> kPrefixes{{{"rate:", Kind::kSum},
                                                                      {"avg:", Kind::kMean},
                                                                      {"min:", Kind::kLeast},
                                                                      {"max:", Kind::kMost},
                                                                      {"last:", Kind::kLast},
                                                                      {"count:", Kind::kCount}}};

}  // namespace

Result<ValueExpression> ValueExpression::parse(std::string_view text, const Lookups* lookups) {
  ValueExpression value;
  for (const auto& [prefix, kind] : kPrefixes) {
    if (!text.starts_with(prefix)) continue;
    text.remove_prefix(prefix.size());
    value.kind_ = kind;
    break;
  }
  // What is counted is the values of a key, whichever it is.
  const bool sums = value.kind_ != Kind::kCount;
  if (sums && text == "bytes") return value;
  if (sums && (text == "frames" || text == "requests")) {
    value.of_ = text == "frames" ? Of::kFrames : Of::kRequests;
    return value;
  }
  value.of_ = Of::kKey;
  FABRIX_TRY(value.key_, KeyExpression::parse(text, lookups));
  if (sums && is_address(*value.key_)) return fail(Error{fmt::format("'{}' is no number", text)});
  return value;
}

// Of what is neither octets nor frames.
std::optional<double> ValueExpression::further_number(const Sample& sample, double scale) const {
  if (of_ == Of::kRequests) {
    return is_transaction(*sample.packet) ? std::optional(scale) : std::nullopt;
  }
  std::string text;
  return key_->append(sample, text) ? parse_number<double>(text) : std::nullopt;
}

bool ValueExpression::append(const Sample& sample, std::string& out) const {
  return key_ && key_->append(sample, out);
}

Result<std::vector<ValueExpression>> parse_values(std::string_view text, const Lookups* lookups) {
  std::vector<ValueExpression> values;
  if (text.empty()) return values;
  for (const std::string_view part : split_outside_brackets(text, ',')) {
    FABRIX_TRY(auto value, ValueExpression::parse(part, lookups));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace fabrix::telemetry
