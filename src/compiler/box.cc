#include "compiler/box.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace fabrix::compiler {
namespace {

using policy::Interval;

std::uint64_t max_of_width(unsigned width) {
  return ~std::uint64_t{0} >> (64 - width);
}

unsigned width_of(diagram::FieldIndex field) {
  constexpr unsigned kSenderWidth = 12;
  if (field == kSenderField) return kSenderWidth;
  if (field >= kFirstQuestionField) return 1;
  return net::width_of(static_cast<net::Field>(field));
}

Intervals intersection(const Intervals& a, const Intervals& b) {
  Intervals common;
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    const std::uint64_t low = std::max(i->low, j->low);
    const std::uint64_t high = std::min(i->high, j->high);
    if (low <= high) common.push_back({low, high});
    if (i->high < j->high) {
      ++i;
    } else {
      ++j;
    }
  }
  return common;
}

bool overlap(const Intervals& a, const Intervals& b) {
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (std::max(i->low, j->low) <= std::min(i->high, j->high)) return true;
    if (i->high < j->high) {
      ++i;
    } else {
      ++j;
    }
  }
  return false;
}

Intervals complement(const Intervals& intervals, std::uint64_t max) {
  Intervals rest;
  std::uint64_t next = 0;
  for (const Interval& interval : intervals) {
    if (interval.low > next) rest.push_back({next, interval.low - 1});
    if (interval.high == max) return rest;
    next = interval.high + 1;
  }
  rest.push_back({next, max});
  return rest;
}

// What the complement of a range is, among the packets that reach a policy table.
Intervals complement(const FieldRange& range) {
  Intervals rest = complement(range.intervals, max_of_width(width_of(range.field)));
  if (range.field == index_of(net::Field::kEthType)) {
    const Intervals ip{{net::kEthTypeIpv4, net::kEthTypeIpv4},
                       {net::kEthTypeIpv6, net::kEthTypeIpv6}};
    rest = intersection(rest, ip);
  }
  return rest;
}

using Boxes = std::vector<Box>;

std::size_t intervals_of(const Boxes& boxes) {
  std::size_t count = boxes.size();
  for (const Box& box : boxes) {
    for (const FieldRange& range : box.ranges) count += range.intervals.size();
  }
  return count;
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate or Shape, at most policy::kMaxDepth.
// Predicates to boxes. `too_many` is sticky; the boxes are then of no use.
class Expansion {
 public:
  Expansion(const RouteSense& sense, std::size_t most_boxes, std::size_t most_work)
      : sense_(sense), most_boxes_(most_boxes), most_work_(most_work) {}

  Boxes holds(const policy::Predicate& predicate) {
    if (!spend(1)) return {};
    return std::visit([&](const auto& node) { return positive(node); }, predicate.node);
  }
  Boxes fails(const policy::Predicate& predicate) {
    if (!spend(1)) return {};
    return std::visit([&](const auto& node) { return negative(node); }, predicate.node);
  }
  bool too_many() const { return too_many_; }
  std::size_t work() const { return work_; }

 private:
  static Boxes everything() { return Boxes(1); }
  static Boxes of(FieldRange range) {
    if (range.intervals.empty()) return {};
    Boxes one(1);
    one.front().ranges.push_back(std::move(range));
    return one;
  }
  static FieldRange range_of(const policy::FieldTest& test) {
    return {index_of(test.field), test.intervals};
  }
  static FieldRange range_of(const policy::FromParticipant& test) {
    const std::uint64_t value = sender_value(test.participant);
    return {kSenderField, {{value, value}}};
  }

  static Boxes positive(const policy::Constant& node) {
    return node.value ? everything() : Boxes{};
  }
  static Boxes positive(const policy::FieldTest& node) { return of(range_of(node)); }
  static Boxes positive(const policy::FromParticipant& node) { return of(range_of(node)); }
  Boxes positive(const policy::InPrefixesOf& node) {
    return bounded(prefix_boxes(node, sense_.reachability));
  }
  Boxes positive(const policy::OnRoute& node) {
    const std::size_t question = sense_.number_of(node);
    if (sense_.has_fields()) return of({question_field(question), {{1, 1}}});
    return holds(*address_in(sense_.regions[question], node.side));
  }
  Boxes positive(const policy::Not& node) { return fails(*node.operand); }
  Boxes positive(const policy::And& node) {
    Boxes all = everything();
    all.front().ranges.reserve(node.operands.size());
    for (const auto& operand : node.operands) {
      const auto* test = std::get_if<policy::FieldTest>(&operand->node);
      if (test != nullptr && all.size() == 1 && narrow(all.front(), *test)) continue;
      all = product(std::move(all), holds(*operand));
    }
    return all;
  }
  // The same as the product, without making any box, if the test is of a field that the box says
  // nothing of, as most are. Otherwise false.
  bool narrow(Box& box, const policy::FieldTest& test) {
    const diagram::FieldIndex field = index_of(test.field);
    const auto place = std::ranges::lower_bound(box.ranges, field, {}, &FieldRange::field);
    const bool is_there = place != box.ranges.end() && place->field == field;
    if (is_there || test.intervals.empty()) return false;
    std::size_t work = 1;
    if (!box.ranges.empty()) work += 2 + test.intervals.size();
    for (const FieldRange& range : box.ranges) work += range.intervals.size();
    if (!spend(work)) return false;
    box.ranges.insert(place, range_of(test));
    return true;
  }
  Boxes positive(const policy::Or& node) {
    Boxes all;
    if (is_wide(node)) return all;
    for (const auto& operand : node.operands) append(all, holds(*operand));
    return all;
  }

  static Boxes negative(const policy::Constant& node) {
    return node.value ? Boxes{} : everything();
  }
  static Boxes negative(const policy::FieldTest& node) { return complement_of(range_of(node)); }
  static Boxes negative(const policy::FromParticipant& node) {
    return complement_of(range_of(node));
  }
  Boxes negative(const policy::InPrefixesOf& node) {
    Boxes rest = everything();
    for (const Box& box : bounded(prefix_boxes(node, sense_.reachability))) {
      rest = product(std::move(rest), complement_of(box));
    }
    return rest;
  }
  Boxes negative(const policy::OnRoute& node) {
    const std::size_t question = sense_.number_of(node);
    if (sense_.has_fields()) return of({question_field(question), {{0, 0}}});
    return fails(*address_in(sense_.regions[question], node.side));
  }
  Boxes negative(const policy::Not& node) { return holds(*node.operand); }
  // The operands before the one that fails hold: they are what makes its field exist.
  Boxes negative(const policy::And& node) {
    Boxes all;
    Boxes before = everything();
    for (const auto& operand : node.operands) {
      append(all, product(before, fails(*operand)));
      before = product(std::move(before), holds(*operand));
    }
    return all;
  }
  Boxes negative(const policy::Or& node) {
    Boxes all = everything();
    if (is_wide(node)) return {};
    for (const auto& operand : node.operands) all = product(std::move(all), fails(*operand));
    return all;
  }

  static Boxes complement_of(const FieldRange& range) {
    return of({range.field, complement(range)});
  }
  static Boxes complement_of(const Box& box) {
    Boxes all;
    Box before;
    for (const FieldRange& range : box.ranges) {
      const FieldRange rest{range.field, complement(range)};
      if (!rest.intervals.empty()) {
        all.push_back(before);
        all.back().ranges.push_back(rest);
      }
      before.ranges.push_back(range);
    }
    return all;
  }

  Boxes product(Boxes a, Boxes b) {
    const bool is_everything = a.size() == 1 && a.front().ranges.empty();
    if (is_everything) return b;
    const std::size_t intervals = intervals_of(a) * b.size() + intervals_of(b) * a.size();
    if (!spend(intervals)) return {};
    Boxes all;
    if (a.size() == 1 && b.size() == 1) {
      // Mostly it is so: then nothing is copied.
      auto both = compiler::intersection(std::move(a.front()), std::move(b.front()));
      if (both) all.push_back(*std::move(both));
      return all;
    }
    all.reserve(a.size() * b.size() <= most_boxes_ ? a.size() * b.size() : 0);
    for (const Box& left : a) {
      for (const Box& right : b) {
        if (auto both = compiler::intersection(left, right)) all.push_back(*std::move(both));
        if (all.size() > most_boxes_) return bounded(std::move(all));
      }
    }
    return all;
  }
  void append(Boxes& all, Boxes more) {
    for (Box& box : more) all.push_back(std::move(box));
    all = bounded(std::move(all));
  }
  Boxes bounded(Boxes boxes) {
    too_many_ = too_many_ || boxes.size() > most_boxes_;
    return too_many_ ? Boxes{} : std::move(boxes);
  }
  // Each alternative is a box at least, or makes one of all that others leave.
  bool is_wide(const policy::Or& node) {
    too_many_ = too_many_ || node.operands.size() > most_boxes_;
    return too_many_;
  }

  bool spend(std::size_t work) {
    work_ += work;
    too_many_ = too_many_ || work_ > most_work_;
    return !too_many_;
  }

  const RouteSense& sense_;
  std::size_t most_boxes_;
  std::size_t most_work_;
  std::size_t work_ = 0;
  bool too_many_ = false;
};

// NOLINTEND(misc-no-recursion)

std::uint64_t number_of(std::span<const std::uint8_t> octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8U | octet;
  return value;
}

// The values of `width` leading bits that begin with the first `length` of them.
Interval block(std::uint64_t first, unsigned length, unsigned width) {
  if (length == 0) return {0, max_of_width(width)};
  if (length == width) return {first, first};
  return {first, first | max_of_width(width - length)};
}

// Intervals arrive in order of their low ends.
void add(Intervals& intervals, const Interval& interval) {
  if (intervals.empty() || interval.low > intervals.back().high + 1 ||
      intervals.back().high + 1 == 0) {
    if (!intervals.empty() && intervals.back().high >= interval.high) return;
    intervals.push_back(interval);
    return;
  }
  intervals.back().high = std::max(intervals.back().high, interval.high);
}

FieldRange ether_type(std::uint16_t value) {
  return {index_of(net::Field::kEthType), {{value, value}}};
}

struct SideFields {
  net::Field ip4;
  net::Field ip6_high;
  net::Field ip6_low;
};

SideFields fields_of(policy::Side side) {
  using enum net::Field;
  if (side == policy::Side::kSource) return {kSrcIp4, kSrcIp6High, kSrcIp6Low};
  return {kDstIp4, kDstIp6High, kDstIp6Low};
}

}  // namespace

std::vector<unsigned> policy_field_widths() {
  std::vector<unsigned> widths;
  widths.reserve(kPolicyFieldCount);
  for (diagram::FieldIndex i = 0; i < kPolicyFieldCount; ++i) widths.push_back(width_of(i));
  return widths;
}

bool overlap(const Box& a, const Box& b) {
  auto i = a.ranges.begin();
  auto j = b.ranges.begin();
  while (i != a.ranges.end() && j != b.ranges.end()) {
    if (i->field == j->field) {
      if (!overlap(i->intervals, j->intervals)) return false;
      ++i;
      ++j;
    } else if (i->field < j->field) {
      ++i;
    } else {
      ++j;
    }
  }
  return true;
}

bool contains(const Box& outer, const Box& inner) {
  return std::ranges::all_of(outer.ranges, [&inner](const FieldRange& range) {
    const auto same = std::ranges::find(inner.ranges, range.field, &FieldRange::field);
    return same != inner.ranges.end() &&
           intersection(range.intervals, same->intervals) == same->intervals;
  });
}

std::optional<Box> intersection(Box a, Box b) {
  Box both;
  both.ranges.reserve(a.ranges.size() + b.ranges.size());
  auto i = a.ranges.begin();
  auto j = b.ranges.begin();
  while (i != a.ranges.end() || j != b.ranges.end()) {
    if (j == b.ranges.end() || (i != a.ranges.end() && i->field < j->field)) {
      both.ranges.push_back(std::move(*i++));
    } else if (i == a.ranges.end() || j->field < i->field) {
      both.ranges.push_back(std::move(*j++));
    } else {
      Intervals common = intersection(i->intervals, j->intervals);
      if (common.empty()) return std::nullopt;
      both.ranges.push_back({i->field, std::move(common)});
      ++i;
      ++j;
    }
  }
  return both;
}

std::optional<std::vector<Box>> boxes_of(const policy::Predicate& predicate,
                                         const RouteSense& sense, Budget* budget,
                                         std::size_t most) {
  const std::size_t most_work =
      budget == nullptr ? kMaxBoxWork : std::min<std::uint64_t>(kMaxBoxWork, budget->left());
  Expansion expansion(sense, most, most_work);
  Boxes boxes = expansion.holds(predicate);
  if (budget != nullptr) budget->spend(expansion.work());
  if (expansion.too_many()) return std::nullopt;
  return boxes;
}

std::vector<Box> prefix_boxes(const policy::InPrefixesOf& test,
                              const exchange::Reachability& reachability) {
  const SideFields fields = fields_of(test.side);
  Intervals ip4;
  Intervals high;
  std::vector<std::pair<std::uint64_t, Intervals>> low;  // of one high half each
  for (const net::Prefix& prefix : reachability.announced_by(test.participant)) {
    const auto octets = prefix.address().octets();
    if (prefix.family() == net::Family::kIpv4) {
      add(ip4, block(number_of(octets), prefix.length(), 32));
    } else if (prefix.length() <= 64) {
      add(high, block(number_of(octets.first(8)), prefix.length(), 64));
    } else {
      const std::uint64_t first = number_of(octets.first(8));
      if (low.empty() || low.back().first != first) low.emplace_back(first, Intervals{});
      add(low.back().second, block(number_of(octets.last(8)), prefix.length() - 64, 64));
    }
  }
  Boxes boxes;
  if (!ip4.empty()) {
    boxes.push_back({{ether_type(net::kEthTypeIpv4), {index_of(fields.ip4), ip4}}});
  }
  if (!high.empty()) {
    boxes.push_back({{ether_type(net::kEthTypeIpv6), {index_of(fields.ip6_high), high}}});
  }
  for (auto& [value, intervals] : low) {
    boxes.push_back({{ether_type(net::kEthTypeIpv6),
                      {index_of(fields.ip6_high), {{value, value}}},
                      {index_of(fields.ip6_low), std::move(intervals)}}});
  }
  return boxes;
}

std::vector<Ternary> cover(const policy::Interval& interval, unsigned width) {
  const std::uint64_t max = max_of_width(width);
  FABRIX_ASSERT(interval.low <= interval.high && interval.high <= max);
  std::vector<Ternary> rows;
  std::uint64_t low = interval.low;
  while (true) {
    // The largest aligned block that starts at `low` and does not pass `high`.
    const std::uint64_t size = interval.high - low;  // minus one
    if (low == 0 && size == max) return {{0, 0}};
    const unsigned aligned = low == 0 ? width : static_cast<unsigned>(std::countr_zero(low));
    const unsigned fitting = static_cast<unsigned>(std::bit_width(size + 1)) - 1;
    const unsigned free = std::min(aligned, fitting);
    const std::uint64_t block_size = (std::uint64_t{1} << free) - 1;  // minus one
    rows.push_back({low, max & ~block_size});
    if (low + block_size == interval.high) return rows;
    low += block_size + 1;
  }
}

std::size_t row_count(const Box& box, std::size_t most) {
  std::size_t count = 1;
  for (const FieldRange& range : box.ranges) {
    std::size_t rows = 0;
    for (const Interval& interval : range.intervals) {
      const bool is_one = interval.low == interval.high;
      rows += is_one ? 1 : cover(interval, width_of(range.field)).size();
      if (count * rows > most) return count * rows;
    }
    count *= rows;
  }
  return count;
}

}  // namespace fabrix::compiler
