#include "policy/describe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/ip_address.h"
#include "net/mac_address.h"
#include "policy/intervals.h"
#include "policy/route_test.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

using enum net::Field;

std::string v4_text(std::uint64_t value) {
  return net::IpAddress::v4(
             {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
              static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)})
      .to_string();
}

std::string v6_text(std::uint64_t high, std::uint64_t low) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 8; ++i) {
    octets.at(i) = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    octets.at(8 + i) = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return net::IpAddress::v6(octets).to_string();
}

bool is_v4(net::Field field) {
  return field == kSrcIp4 || field == kDstIp4;
}

bool is_high(net::Field field) {
  return field == kSrcIp6High || field == kDstIp6High;
}

std::string field_text(net::Field field) {
  if (field == kSrcIp4 || field == kSrcIp6High) return "srcip";
  if (field == kDstIp4 || field == kDstIp6High) return "dstip";
  return std::string(net::name_of(field));
}

std::string value_text(net::Field field, std::uint64_t value) {
  if (is_v4(field)) return v4_text(value);
  if (is_high(field)) return v6_text(value, 0);
  if (field == kSrcMac || field == kDstMac) return net::MacAddress::from_u64(value).to_string();
  if (field == kProtocol || field == kEthType) {
    for (const std::string& name : value_names(field)) {
      if (named_value(field, name) == value) return name;
    }
  }
  return std::to_string(value);
}

// The prefix length of an interval of `bits`-wide numbers, or none if it is no aligned block.
std::optional<unsigned> block_length(const Interval& interval, unsigned bits) {
  const std::uint64_t mask = interval.low ^ interval.high;
  if ((mask & (mask + 1)) != 0 || (interval.low & mask) != 0) return std::nullopt;
  unsigned length = bits;
  for (std::uint64_t rest = mask; rest != 0; rest >>= 1U) --length;
  return length;
}

std::string interval_text(net::Field field, const Interval& interval) {
  std::string low = value_text(field, interval.low);
  if (is_v4(field) || is_high(field)) {
    const auto length = block_length(interval, is_v4(field) ? 32 : 64);
    if (length && !(is_v4(field) && *length == 32)) return low + "/" + std::to_string(*length);
  }
  if (interval.low == interval.high) return low;
  return low + ".." + value_text(field, interval.high);
}

bool same(const FieldTest& a, const FieldTest& b) {
  return a.field == b.field && a.intervals == b.intervals;
}

// "2&2" of what agrees with 2 where a mask of 2 has ones: in many intervals, as people write masks.
std::optional<std::string> masked_text(const FieldTest& test) {
  constexpr std::size_t kMany = 8;
  const std::uint64_t max = net::max_value(test.field);
  if (test.intervals.size() <= kMany || max > 0xffff) return std::nullopt;
  std::uint64_t in_all = max;
  std::uint64_t in_some = 0;
  std::uint64_t members = 0;
  for (const Interval& each : test.intervals) {
    for (std::uint64_t value = each.low; value <= each.high; ++value) {
      in_all &= value;
      in_some |= value;
      ++members;
    }
  }
  const std::uint64_t free_bits = in_all ^ in_some;
  if (members != std::uint64_t{1} << static_cast<unsigned>(std::popcount(free_bits))) {
    return std::nullopt;
  }
  return std::to_string(in_all) + "&" + std::to_string(max & ~free_bits);
}

// Does another test of the conjunction need this one anyway?
bool is_implied(const FieldTest& test, const std::vector<PredicatePtr>& among) {
  return std::any_of(among.begin(), among.end(), [&test](const PredicatePtr& each) {
    // A route is for an IP packet, as a protocol is.
    if (std::holds_alternative<OnRoute>(each->node)) {
      return same(prerequisites(kProtocol).front(), test);
    }
    const auto* other = std::get_if<FieldTest>(&each->node);
    if (other == nullptr || other->field == test.field) return false;
    const auto needs = prerequisites(other->field);
    return std::any_of(needs.begin(), needs.end(),
                       [&test](const FieldTest& need) { return same(need, test); });
  });
}

// What best_via() asks for.
net::ParticipantId announcer_of(const RouteTests& tests) {
  const auto& test = std::get<RouteNumberTest>(tests.all.front());
  return {static_cast<std::uint16_t>(test.intervals.front().low)};
}

class Describer {
 public:
  explicit Describer(const SymbolTable& symbols) : symbols_(symbols) {}

  std::string operator()(const Constant& constant) const { return constant.value ? "any" : "none"; }

  std::string operator()(const FieldTest& test) const {
    if (const auto masked = masked_text(test)) return field_text(test.field) + "=" + *masked;
    std::string values;
    for (const Interval& each : test.intervals) {
      if (!values.empty()) values += ", ";
      values += interval_text(test.field, each);
    }
    const bool single = test.intervals.size() == 1;
    return field_text(test.field) + "=" + (single ? values : "{" + values + "}");
  }

  std::string operator()(const FromParticipant& from) const {
    return "from(" + name(from.participant) + ")";
  }

  std::string operator()(const InPrefixesOf& prefixes) const {
    const std::string_view word = prefixes.side == Side::kSource ? "src_in" : "dst_in";
    return std::string(word) + "(prefixes(" + name(prefixes.participant) + "))";
  }

  std::string operator()(const OnRoute& test) const {
    const std::string_view word = test.side == Side::kSource ? "src_rib" : "rib";
    if (!test.tests->text.empty()) return std::string(word) + "(" + test.tests->text + ")";
    return "best_via(" + name(announcer_of(*test.tests)) + ")";
  }

  std::string operator()(const Not& negated) const { return "~(" + text(*negated.operand) + ")"; }

  std::string operator()(const And& all) const {
    std::string result;
    for (const PredicatePtr& each : all.operands) {
      const auto* test = std::get_if<FieldTest>(&each->node);
      if (test != nullptr && is_implied(*test, all.operands)) continue;
      if (test != nullptr && (test->field == kSrcIp6Low || test->field == kDstIp6Low)) {
        if (merge_halves(*test, all.operands, result)) continue;
      }
      if (test != nullptr && is_high(test->field) && has_low(*test, all.operands)) continue;
      if (!result.empty()) result += ", ";
      const bool alternatives = std::holds_alternative<Or>(each->node);
      result += alternatives ? "(" + text(*each) + ")" : text(*each);
    }
    return result;
  }

  std::string operator()(const Or& any) const {
    std::string result;
    for (const PredicatePtr& each : any.operands) {
      if (!result.empty()) result += " | ";
      result += text(*each);
    }
    return result;
  }

  std::string text(const Predicate& predicate) const { return std::visit(*this, predicate.node); }

  std::string name(net::ParticipantId id) const {
    for (const auto& each : symbols_.participants) {
      if (each.id == id) return each.name;
    }
    return "#" + std::to_string(id.value);
  }

 private:
  static const FieldTest* single_test(net::Field field, const std::vector<PredicatePtr>& among) {
    for (const PredicatePtr& each : among) {
      const auto* test = std::get_if<FieldTest>(&each->node);
      const bool fits = test != nullptr && test->field == field && test->intervals.size() == 1;
      if (fits && test->intervals.front().low == test->intervals.front().high) return test;
    }
    return nullptr;
  }

  static bool has_low(const FieldTest& high, const std::vector<PredicatePtr>& among) {
    const net::Field low = high.field == kSrcIp6High ? kSrcIp6Low : kDstIp6Low;
    if (single_test(high.field, among) != &high) return false;
    return std::any_of(among.begin(), among.end(), [low](const PredicatePtr& each) {
      const auto* test = std::get_if<FieldTest>(&each->node);
      return test != nullptr && test->field == low;
    });
  }

  // high = h, low in [a, b] reads as one address range.
  static bool merge_halves(const FieldTest& low, const std::vector<PredicatePtr>& among,
                           std::string& into) {
    const net::Field high_field = low.field == kSrcIp6Low ? kSrcIp6High : kDstIp6High;
    const FieldTest* high = single_test(high_field, among);
    if (high == nullptr) return false;
    const std::uint64_t half = high->intervals.front().low;
    std::string values;
    for (const Interval& each : low.intervals) {
      if (!values.empty()) values += ", ";
      values += v6_text(half, each.low);
      const auto length = block_length(each, 64);
      if (each.low == each.high) continue;
      values += length ? "/" + std::to_string(64 + *length) : ".." + v6_text(half, each.high);
    }
    if (!into.empty()) into += ", ";
    into +=
        field_text(high_field) + "=" + (low.intervals.size() == 1 ? values : "{" + values + "}");
    return true;
  }

  const SymbolTable& symbols_;
};

std::string writes_text(const std::vector<Write>& writes) {
  std::string result;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const net::Field field = writes[i].field;
    result += field_text(field) + ":=";
    if (is_high(field) && i + 1 < writes.size()) {
      result += v6_text(writes[i].value, writes[i + 1].value);
      ++i;
    } else {
      result += value_text(field, writes[i].value);
    }
    result += ", ";
  }
  return result;
}

std::string rate_text(std::uint64_t kbps) {
  constexpr std::uint64_t kThousand = 1000;
  if (kbps % (kThousand * kThousand) == 0)
    return std::to_string(kbps / kThousand / kThousand) + "gbps";
  if (kbps % kThousand == 0) return std::to_string(kbps / kThousand) + "mbps";
  return std::to_string(kbps) + "kbps";
}

}  // namespace

std::string describe(const Predicate& predicate, const SymbolTable& symbols) {
  return Describer(symbols).text(predicate);
}

std::string name_of(net::RouterId router, const SymbolTable& symbols) {
  for (const auto& participant : symbols.participants) {
    for (const auto& port : participant.ports) {
      if (port.router == router) return port.router_name;
    }
  }
  return "#" + std::to_string(router.value);
}

std::string name_of(const Target& target, const SymbolTable& symbols) {
  return target.router ? name_of(*target.router, symbols)
                       : Describer(symbols).name(target.participant);
}

std::string names_of(const std::vector<net::RouterId>& routers, const SymbolTable& symbols) {
  std::string names;
  for (const net::RouterId router : routers) {
    if (!names.empty()) names += ", ";
    names += name_of(router, symbols);
  }
  return names;
}

std::string name_of(const Multicast& multicast, const SymbolTable& symbols) {
  std::string names;
  for (const Target& target : multicast.targets) {
    if (!names.empty()) names += ", ";
    names += name_of(target, symbols);
  }
  return names;
}

std::string describe(const Extras& extras, const SymbolTable& symbols) {
  std::string text;
  if (extras.police) text += " police(" + rate_text(extras.police->kbps) + ")";
  for (const net::RouterId port : extras.mirrors) text += " mirror(" + name_of(port, symbols) + ")";
  if (!extras.via.empty()) text += " via(" + names_of(extras.via, symbols) + ")";
  return text;
}

std::string describe(const Clause& clause, const SymbolTable& symbols) {
  std::string verdict = "default";
  if (std::holds_alternative<Drop>(clause.verdict)) verdict = "drop";
  if (const auto* forward = std::get_if<Forward>(&clause.verdict)) {
    verdict = name_of(forward->target, symbols);
  }
  if (const auto* several = std::get_if<Multicast>(&clause.verdict)) {
    verdict = "multicast(" + name_of(*several, symbols) + ")";
  }
  std::string extras = describe(clause.extras, symbols);
  if (!extras.empty()) extras = extras.substr(1) + ", ";
  return describe(*clause.when, symbols) + " -> " + writes_text(clause.writes) + extras + verdict;
}

}  // namespace fabrix::policy
