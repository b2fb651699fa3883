#include "policy/fields.h"

#include <algorithm>
#include <utility>

#include "base/number.h"
#include "base/suggest.h"
#include "net/mac_address.h"
#include "policy/simplify.h"

namespace fabrix::policy {

// What one value of a field says: numbers (MAC addresses too) or addresses.
struct Fields::Values {
  std::vector<Interval> numbers;
  AddressSet addresses;

  // Without order: collect() makes a set of them.
  void add(const AddressSet& more) {
    addresses.v4.insert(addresses.v4.end(), more.v4.begin(), more.v4.end());
    addresses.v6.insert(addresses.v6.end(), more.v6.begin(), more.v6.end());
  }
};

// A field known to lie in `intervals`, since `test` says so or needs it.
struct Fields::Fact {
  net::Field field = net::Field::kEthType;
  std::vector<Interval> intervals;
  std::string test;
  bool needed = false;
};

namespace {

constexpr std::size_t kMaxMaskIntervals = 4096;

std::optional<std::uint64_t> value_of(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  return parse_number<std::uint64_t>(text, base);
}

bool is_single(const std::vector<Interval>& numbers) {
  return numbers.size() == 1 && numbers.front().low == numbers.front().high;
}

bool is_single(const AddressSet& set) {
  const std::size_t members = set.v4.size() + set.v6.size();
  if (members != 1) return false;
  return set.v6.empty() ? is_single(set.v4) : set.v6.front().low == set.v6.front().high;
}

// What a prerequisite asks for, in words.
std::string need_of(net::Field field, const std::vector<Interval>& intervals) {
  if (field == net::Field::kVlanId) return "a tagged frame";
  if (field == net::Field::kEthType) {
    if (intervals.size() > 1) return "an IPv4 or IPv6 packet";
    return intervals.front().low == net::kEthTypeIpv4 ? "an IPv4 packet" : "an IPv6 packet";
  }
  if (intervals.size() > 2) return "protocol tcp, udp or sctp";
  return intervals.size() == 2 ? "protocol icmp or icmpv6" : "protocol tcp";
}

template <typename I, typename Number>
bool compare_set(std::string_view op, std::vector<I>& set, Number max) {
  if (set.empty()) return true;
  const Number value = set.front().low;
  if (op == "<=") set = {{0, value}};
  if (op == ">=") set = {{value, max}};
  if (op == "<") set = complement(std::vector<I>{{value, max}}, max);
  if (op == ">") set = complement(std::vector<I>{{0, value}}, max);
  return !set.empty();
}

}  // namespace

bool Fields::wrong_type(const Syntax& syntax, std::string_view name, FieldKind kind) const {
  if (was_reported(syntax)) return false;
  std::string wants = "a number";
  if (kind == FieldKind::kMac) wants = "a MAC address";
  if (kind == FieldKind::kAddress) wants = "an IPv4 or IPv6 address or prefix";
  std::string found = "this";
  if (syntax.kind == SyntaxKind::kLiteral) {
    found = syntax.token == TokenKind::kNumber ? "the number " + syntax.text : quoted(syntax.text);
  }
  report_.error("P0204", syntax.at, quoted(name) + " takes " + wants + ", not " + found);
  return false;
}

bool Fields::number(const Syntax& syntax, const FieldWord& word, std::uint64_t value,
                    Values& into) const {
  const std::uint64_t max = net::max_value(word.field);
  if (value > max) {
    report_.error("P0205", syntax.at,
                  std::to_string(value) + " does not fit " + quoted(word.name) +
                      ", which is at most " + std::to_string(max));
    return false;
  }
  into.numbers.push_back({value, value});
  return true;
}

bool Fields::literal(const Syntax& syntax, const FieldWord& word, Values& into) const {
  if (word.kind == FieldKind::kAddress) {
    if (const auto address = net::IpAddress::parse(syntax.text)) {
      into.add(single(*address));
      return true;
    }
    if (const auto prefix = net::Prefix::parse(syntax.text)) {
      into.add(block(*prefix));
      return true;
    }
    return wrong_type(syntax, word.name, word.kind);
  }
  if (word.kind == FieldKind::kMac) {
    const auto mac = net::MacAddress::parse(syntax.text);
    if (!mac) return wrong_type(syntax, word.name, word.kind);
    into.numbers.push_back({mac->to_u64(), mac->to_u64()});
    return true;
  }
  if (syntax.token != TokenKind::kNumber && syntax.token != TokenKind::kString) {
    return wrong_type(syntax, word.name, word.kind);
  }
  auto value = value_of(syntax.text);
  if (!value) value = named_value(word.field, syntax.text);
  return value ? number(syntax, word, *value, into) : wrong_type(syntax, word.name, word.kind);
}

bool Fields::pair(const Bound& value, const FieldWord& word, Values& first, Values& second) const {
  const auto& children = value.syntax->children;
  if (!collect({children[0], value.scope}, word, first)) return false;
  if (!collect({children[1], value.scope}, word, second)) return false;
  const bool numbers = is_single(first.numbers) && is_single(second.numbers);
  const bool addresses = is_single(first.addresses) && is_single(second.addresses) &&
                         first.addresses.v4.size() == second.addresses.v4.size();
  if (numbers || addresses) return true;
  report_.error("P0208", value.syntax->at, "both sides of this must be single values of one kind");
  return false;
}

bool Fields::range(const Bound& value, const FieldWord& word, Values& into) const {
  Values first;
  Values last;
  if (!pair(value, word, first, last)) return false;
  Values whole;
  bool ordered = true;
  if (!first.numbers.empty()) {
    whole.numbers = {{first.numbers[0].low, last.numbers[0].low}};
    ordered = whole.numbers[0].low <= whole.numbers[0].high;
  } else if (!first.addresses.v4.empty()) {
    whole.addresses.v4 = {{first.addresses.v4[0].low, last.addresses.v4[0].low}};
    ordered = whole.addresses.v4[0].low <= whole.addresses.v4[0].high;
  } else {
    whole.addresses.v6 = {{first.addresses.v6[0].low, last.addresses.v6[0].low}};
    ordered = whole.addresses.v6[0].low <= whole.addresses.v6[0].high;
  }
  if (!ordered) {
    report_.error("P0208", value.syntax->at, "this range is empty: its first value is the larger",
                  "write the smaller value first");
    return false;
  }
  into.numbers.insert(into.numbers.end(), whole.numbers.begin(), whole.numbers.end());
  into.add(whole.addresses);
  return true;
}

// value & mask: every number that agrees with `value` where the mask has ones. Each choice of the
// zero bits above the mask's lowest one is an interval.
bool Fields::masked(const Bound& value, const FieldWord& word, Values& into) const {
  if (word.kind == FieldKind::kAddress) {
    report_.error("P0208", value.syntax->at, "addresses are masked by writing a prefix");
    return false;
  }
  Values first;
  Values second;
  if (!pair(value, word, first, second)) return false;
  const std::uint64_t bits = first.numbers[0].low;
  const std::uint64_t mask = second.numbers[0].low;
  if ((bits & ~mask) != 0) {
    report_.error("P0208", value.syntax->at, "the value has bits that its mask leaves out",
                  "write " + std::to_string(bits & mask) + "&" + std::to_string(mask));
    return false;
  }
  const std::uint64_t low_bits = mask == 0 ? net::max_value(word.field) : (mask & (~mask + 1)) - 1;
  const std::uint64_t choices = net::max_value(word.field) & ~mask & ~low_bits;
  std::uint64_t choice = 0;
  for (std::size_t count = 0; count <= kMaxMaskIntervals; ++count) {
    if (!report_.spend(1, value.syntax->at)) return false;
    into.numbers.push_back({bits | choice, bits | choice | low_bits});
    choice = (choice - choices) & choices;  // The next subset of `choices`.
    if (choice == 0) return true;
  }
  report_.error("P0404", value.syntax->at, "this mask leaves too many ranges",
                "mask leading or trailing bits");
  return false;
}

bool Fields::name(const Syntax& syntax, const FieldWord& word, Values& into) const {
  if (word.kind == FieldKind::kNumber) {
    const auto known = named_value(word.field, syntax.text);
    if (known) return number(syntax, word, *known, into);
  }
  if (names_.knows(syntax.text)) {
    names_.report_unknown(syntax.text, syntax.at);
    return false;
  }
  const bool of_field = find_field(word.name).has_value();
  auto close = of_field && word.kind == FieldKind::kNumber
                   ? nearest(syntax.text, value_names(word.field))
                   : std::nullopt;
  if (!close) close = names_.nearest_definition(syntax.text);
  const std::string help = of_field ? "" : "a list such as [10.0.0.0/8], or prefixes(B)";
  report_.error("P0204", syntax.at,
                quoted(syntax.text) + " is not " +
                    (of_field ? "a value of " + quoted(word.name) : "a set of prefixes"),
                close ? "did you mean " + quoted(*close) + "?" : help);
  return false;
}

bool Fields::collect(const Bound& value, const FieldWord& word, Values& into) const {
  if (!gather(value, word, into)) return false;
  into.addresses.v4 = normalize(std::move(into.addresses.v4));
  into.addresses.v6 = normalize(std::move(into.addresses.v6));
  return true;
}

bool Fields::gather(const Bound& value, const FieldWord& word, Values& into) const {
  const Bound settled = names_.settle(value);
  const Syntax& syntax = *settled.syntax;
  constexpr std::uint64_t kStepsOfValue = 2;
  if (!report_.spend(kStepsOfValue, syntax.at)) return false;
  switch (syntax.kind) {
    case SyntaxKind::kLiteral:
      return literal(syntax, word, into);
    case SyntaxKind::kList:
      return std::all_of(syntax.children.begin(), syntax.children.end(),
                         [&](const SyntaxPtr& child) {
                           return gather({child, settled.scope}, word, into);
                         });
    case SyntaxKind::kMinus:
      return syntax.children.size() == 2 ? range(settled, word, into)
                                         : wrong_type(syntax, word.name, word.kind);
    case SyntaxKind::kAnd:
      return syntax.children.size() == 2 ? masked(settled, word, into)
                                         : wrong_type(syntax, word.name, word.kind);
    case SyntaxKind::kName:
      return name(syntax, word, into);
    default:
      return wrong_type(syntax, word.name, word.kind);
  }
}

bool Fields::addresses(const std::vector<Bound>& all, std::string_view what,
                       AddressSet& into) const {
  const FieldWord word{what, FieldKind::kAddress, net::Field::kDstIp4, false};
  Values values;
  bool good = true;
  for (const Bound& each : all) good = gather(each, word, values) && good;
  if (!good) return false;
  into = {normalize(std::move(values.addresses.v4)), normalize(std::move(values.addresses.v6))};
  return true;
}

std::optional<FieldWord> Fields::field(const FieldSyntax& test) const {
  auto word = find_field(test.field);
  if (word) return word;
  std::vector<std::string> known;
  for (const std::string_view each : field_names()) known.emplace_back(each);
  const auto close = nearest(test.field, known);
  report_.error("P0201", test.field_at, "unknown field " + quoted(test.field),
                close ? "did you mean " + quoted(*close) + "?" : "docs/policy.md lists the fields");
  return std::nullopt;
}

bool Fields::compare(const FieldSyntax& test, const FieldWord& word, Values& values) const {
  values.numbers = normalize(std::move(values.numbers));
  const std::uint64_t max = net::max_value(word.field);
  if (test.op == "=") return true;
  if (test.op == "!=") {
    if (word.kind != FieldKind::kAddress) values.numbers = complement(values.numbers, max);
    values.addresses = complement(values.addresses);
    return true;
  }
  const bool numeric = word.kind != FieldKind::kAddress;
  if (!(numeric ? is_single(values.numbers) : is_single(values.addresses))) {
    report_.error("P0208", test.at, quoted(test.op) + " compares with a single value",
                  "a set is tested with = or !=");
    return false;
  }
  constexpr std::uint64_t kMaxV4 = 0xffffffff;
  const bool possible = compare_set(test.op, values.numbers, max) &&
                        compare_set(test.op, values.addresses.v4, kMaxV4) &&
                        compare_set(test.op, values.addresses.v6, ~Uint128{0});
  if (!possible) {
    report_.error("P0205", test.at, "no value of " + quoted(word.name) + " satisfies this",
                  numeric ? "it goes from 0 to " + std::to_string(max) : "");
  }
  return possible;
}

bool Fields::add_fact(Fact fact, const SourceSpan& at, std::vector<Fact>& facts) const {
  const auto known = std::find_if(facts.begin(), facts.end(),
                                  [&fact](const Fact& each) { return each.field == fact.field; });
  if (known == facts.end()) {
    facts.push_back(std::move(fact));
    return true;
  }
  auto both = intersect(known->intervals, fact.intervals);
  if (!both.empty()) {
    known->intervals = std::move(both);
    return true;
  }
  if (!known->needed && !fact.needed) {
    report_.error("P0207", at, "no packet satisfies both tests of " + quoted(fact.test),
                  "a set is written " + fact.test + "={a, b}; modify() sets a field once");
    return false;
  }
  std::string why;
  for (const Fact& each : {*known, fact}) {
    if (!each.needed) continue;
    if (!why.empty()) why += ", ";
    why += quoted(each.test) + " needs " + need_of(each.field, each.intervals);
  }
  report_.error("P0206", at,
                quoted(known->test) + " and " + quoted(fact.test) + " exclude each other: " + why);
  return false;
}

bool Fields::add_facts(const FieldSyntax& test, const FieldWord& word, const Values& values,
                       std::vector<Fact>& facts) const {
  std::vector<Fact> more;
  if (word.kind == FieldKind::kAddress) {
    std::vector<Interval> types;
    if (!values.addresses.v4.empty()) types.push_back({net::kEthTypeIpv4, net::kEthTypeIpv4});
    if (!values.addresses.v6.empty()) types.push_back({net::kEthTypeIpv6, net::kEthTypeIpv6});
    more.push_back({net::Field::kEthType, std::move(types), std::string(test.field), true});
  } else {
    for (FieldTest& need : prerequisites(word.field)) {
      more.push_back({need.field, std::move(need.intervals), std::string(test.field), true});
    }
    more.push_back({word.field, values.numbers, std::string(test.field), false});
  }
  // An empty set is never satisfied, which is not a contradiction.
  std::erase_if(more, [](const Fact& each) { return each.intervals.empty(); });
  return std::all_of(more.begin(), more.end(),
                     [&](const Fact& each) { return add_fact(each, test.at, facts); });
}

PredicatePtr Fields::match(const Syntax& fields, const ScopePtr& scope) const {
  std::vector<Fact> facts;
  std::vector<PredicatePtr> tests;
  bool good = true;
  for (const FieldSyntax& test : fields.tests) {
    const auto word = field(test);
    Values values;
    const bool usable = word && collect({test.value, scope}, *word, values) &&
                        compare(test, *word, values) && add_facts(test, *word, values, facts);
    good = good && usable;
    if (!usable) continue;
    if (word->kind == FieldKind::kAddress) {
      const Side side = word->field == net::Field::kSrcIp4 ? Side::kSource : Side::kDestination;
      tests.push_back(address_in(values.addresses, side));
      continue;
    }
    for (FieldTest& need : prerequisites(word->field)) {
      tests.push_back(test_field(need.field, std::move(need.intervals)));
    }
    tests.push_back(test_field(word->field, values.numbers));
  }
  return good ? conjunction(std::move(tests)) : nullptr;
}

// The one value that a member of modify() gives to its field. None: reported.
std::optional<Fields::Values> Fields::written(const FieldSyntax& test, const FieldWord& word,
                                              const ScopePtr& scope) const {
  if (!word.writable) {
    report_.error("P0212", test.at, "the exchange owns " + quoted(word.name),
                  "name the target with fwd(); a policy may write srcip, dstip, srcport, "
                  "dstport and dscp");
    return std::nullopt;
  }
  Values values;
  if (!collect({test.value, scope}, word, values)) return std::nullopt;
  if (test.op == "=" && (is_single(values.numbers) || is_single(values.addresses))) return values;
  report_.error("P0208", test.at, "modify() sets a field to one value: field=value");
  return std::nullopt;
}

void Fields::add_writes(const FieldWord& word, const Values& values, std::vector<Write>& writes) {
  if (values.addresses.v6.empty()) {
    const bool numeric = word.kind == FieldKind::kNumber;
    writes.push_back({word.field, numeric ? values.numbers[0].low : values.addresses.v4[0].low});
    return;
  }
  using enum net::Field;
  const bool source = word.field == kSrcIp4;
  const Uint128 value = values.addresses.v6[0].low;
  writes.push_back({source ? kSrcIp6High : kDstIp6High, static_cast<std::uint64_t>(value >> 64U)});
  writes.push_back({source ? kSrcIp6Low : kDstIp6Low, static_cast<std::uint64_t>(value)});
}

std::optional<Fields::Modification> Fields::mark(const Syntax& fields,
                                                 const ScopePtr& scope) const {
  const bool only_dscp =
      fields.tests.size() == 1 && lower_case(fields.tests.front().field) == "dscp";
  if (only_dscp) return modify(fields, scope);
  report_.error("P0211", fields.at, "'mark' takes one argument, dscp=value",
                "modify() writes other fields");
  return std::nullopt;
}

std::optional<Fields::Modification> Fields::modify(const Syntax& fields,
                                                   const ScopePtr& scope) const {
  std::vector<Fact> facts;
  Modification result;
  bool good = true;
  for (const FieldSyntax& test : fields.tests) {
    const auto word = field(test);
    const auto values = word ? written(test, *word, scope) : std::nullopt;
    if (values && add_facts(test, *word, *values, facts)) {
      add_writes(*word, *values, result.writes);
    } else {
      good = false;
    }
  }
  if (!good) return std::nullopt;
  std::sort(result.writes.begin(), result.writes.end());
  const auto twice =
      std::adjacent_find(result.writes.begin(), result.writes.end(),
                         [](const Write& a, const Write& b) { return a.field == b.field; });
  if (twice != result.writes.end()) {
    report_.error("P0207", fields.at, "modify() sets one field twice");
    return std::nullopt;
  }
  std::vector<PredicatePtr> needs;
  for (const Fact& fact : facts) {
    if (fact.needed) needs.push_back(test_field(fact.field, fact.intervals));
  }
  result.when = conjunction(std::move(needs));
  return result;
}

}  // namespace fabrix::policy
