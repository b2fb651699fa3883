#include "policy/route_conditions.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/number.h"
#include "base/suggest.h"
#include "policy/route_text.h"
#include "policy/simplify.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {

// What kind of thing a test of a route is about.
struct RouteConditions::Word {
  enum class Kind : std::uint8_t {
    kPrefix,
    kNumber,
    kAs,
    kName,
    kPath,
    kCommunity,
    kExtended,
    kLarge
  };
  std::string_view name;
  Kind kind = Kind::kNumber;
  RouteNumber of = RouteNumber::kMed;
  std::uint64_t max = 0;

  // A route has several of them.
  bool is_many() const {
    return kind == Kind::kCommunity || kind == Kind::kExtended || kind == Kind::kLarge;
  }
  bool has_text() const { return kind == Kind::kPath || is_many(); }
};

struct RouteConditions::Values {
  std::vector<Interval> numbers;
  std::vector<net::LargeCommunity> large;
};

namespace {

std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':')) {
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  parts.push_back(text);
  return parts;
}

// RFC 1997: "64500:1".
std::optional<std::uint64_t> community(std::string_view text) {
  const auto parts = parts_of(text);
  if (parts.size() != 2) return std::nullopt;
  const auto high = parse_number<std::uint16_t>(parts[0]);
  const auto low = parse_number<std::uint16_t>(parts[1]);
  if (!high || !low) return std::nullopt;
  return std::uint64_t{*high} << 16U | *low;
}

// RFC 8092: "64500:1:2".
std::optional<net::LargeCommunity> large_community(std::string_view text) {
  const auto parts = parts_of(text);
  if (parts.size() != 3) return std::nullopt;
  const auto global = parse_number<std::uint32_t>(parts[0]);
  const auto first = parse_number<std::uint32_t>(parts[1]);
  const auto second = parse_number<std::uint32_t>(parts[2]);
  if (!global || !first || !second) return std::nullopt;
  return net::LargeCommunity{*global, *first, *second};
}

// As net::to_string() writes them: "rt:64500:1", "ro:64500:1", or a number of 64 bits.
std::optional<std::uint64_t> extended_community(std::string_view text) {
  if (text.starts_with("0x")) return parse_number<std::uint64_t>(text.substr(2), 16);
  const auto parts = parts_of(text);
  if (parts.size() != 3 || (parts[0] != "rt" && parts[0] != "ro")) return std::nullopt;
  const auto asn = parse_number<std::uint32_t>(parts[1]);
  const auto own = parse_number<std::uint32_t>(parts[2]);
  if (!asn || !own) return std::nullopt;
  const std::uint64_t subtype = parts[0] == "rt" ? 2 : 3;  // RFC 4360 §4, §5
  constexpr std::uint32_t kMax16 = 0xffff;
  if (*asn <= kMax16) return subtype << 48U | std::uint64_t{*asn} << 32U | *own;
  if (*own > kMax16) return std::nullopt;
  return std::uint64_t{2} << 56U | subtype << 48U | std::uint64_t{*asn} << 16U | *own;  // RFC 5668
}

struct NamedNumber {
  RouteNumber of = RouteNumber::kOrigin;
  std::string_view name;
  std::uint64_t value = 0;
};

// RFC 4271 §4.3; RFC 6811 §2; IANA "BGP Well-known Communities".
constexpr std::array kNamedNumbers{
    NamedNumber{RouteNumber::kOrigin, "igp", 0},
    NamedNumber{RouteNumber::kOrigin, "egp", 1},
    NamedNumber{RouteNumber::kOrigin, "incomplete", 2},
    NamedNumber{RouteNumber::kRpki, "valid", 0},
    NamedNumber{RouteNumber::kRpki, "invalid", 1},
    NamedNumber{RouteNumber::kRpki, "unknown", 2},
    NamedNumber{RouteNumber::kCommunity, "graceful_shutdown", 0xffff0000},
    NamedNumber{RouteNumber::kCommunity, "blackhole", 0xffff029a},
    NamedNumber{RouteNumber::kCommunity, "no_export", 0xffffff01},
    NamedNumber{RouteNumber::kCommunity, "no_advertise", 0xffffff02},
};

std::vector<std::string> names_of(RouteNumber of) {
  std::vector<std::string> names;
  for (const NamedNumber& each : kNamedNumbers) {
    if (each.of == of) names.emplace_back(each.name);
  }
  return names;
}

std::optional<std::uint64_t> named_number(RouteNumber of, std::string_view name) {
  const std::string lower = lower_case(name);
  for (const NamedNumber& each : kNamedNumbers) {
    if (each.of == of && each.name == lower) return each.value;
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& each : names) list += (list.empty() ? "" : ", ") + each;
  return list;
}

PredicatePtr is_ip() {
  return test_field(net::Field::kEthType, {{net::kEthTypeIpv4, net::kEthTypeIpv4},
                                           {net::kEthTypeIpv6, net::kEthTypeIpv6}});
}

}  // namespace

std::span<const RouteConditions::Word> RouteConditions::words() {
  using Kind = Word::Kind;
  constexpr std::uint64_t kMax32 = 0xffffffff;
  static constexpr std::array kWords{
      Word{"prefix", Kind::kPrefix, {}, 0},
      Word{"prefix_len", Kind::kNumber, RouteNumber::kPrefixLength, 128},
      Word{"as_path", Kind::kPath, {}, 0},
      Word{"as_path_len", Kind::kNumber, RouteNumber::kPathLength, 0xffff},
      Word{"origin_as", Kind::kAs, RouteNumber::kOriginAs, kMax32},
      Word{"neighbor_as", Kind::kAs, RouteNumber::kNeighborAs, kMax32},
      Word{"origin", Kind::kName, RouteNumber::kOrigin, 2},
      Word{"med", Kind::kNumber, RouteNumber::kMed, kMax32},
      Word{"rpki", Kind::kName, RouteNumber::kRpki, 2},
      Word{"community", Kind::kCommunity, RouteNumber::kCommunity, kMax32},
      Word{"ext_community", Kind::kExtended, RouteNumber::kExtendedCommunity,
           std::numeric_limits<std::uint64_t>::max()},
      Word{"large_community", Kind::kLarge, {}, 0},
  };
  return kWords;
}

// Null: reported.
const RouteConditions::Word* RouteConditions::word(const FieldSyntax& test) const {
  const auto found = std::find_if(words().begin(), words().end(),
                                  [&test](const Word& each) { return each.name == test.field; });
  if (found != words().end()) return &*found;
  std::vector<std::string> known;
  for (const Word& each : words()) known.emplace_back(each.name);
  const auto close = nearest(test.field, known);
  std::string help = close ? "did you mean " + quoted(*close) + "?" : "tests: " + joined(known);
  if (test.field == "local_pref") {
    help = "LOCAL_PREF says nothing between networks: the exchange does not have it; med does";
  }
  report_.error("P0221", test.field_at, "a route has no test " + quoted(test.field), help);
  return nullptr;
}

bool RouteConditions::wrong_type(const Syntax& syntax, const Word& word) const {
  if (was_reported(syntax)) return false;
  std::string wants = "a number";
  if (word.kind == Word::Kind::kAs) wants = "an AS number";
  if (word.kind == Word::Kind::kName) wants = "one of " + joined(names_of(word.of));
  if (word.kind == Word::Kind::kCommunity) wants = "a community such as 64500:1";
  if (word.kind == Word::Kind::kLarge) wants = "a large community such as 64500:1:2";
  if (word.kind == Word::Kind::kExtended) {
    wants = "an extended community such as \"rt:64500:1\" or a number of 64 bits";
  }
  const bool has_text = syntax.kind == SyntaxKind::kLiteral || syntax.kind == SyntaxKind::kName;
  const std::string found = has_text ? quoted(syntax.text) : "this";
  report_.error("P0204", syntax.at, quoted(word.name) + " takes " + wants + ", not " + found);
  return false;
}

bool RouteConditions::name(const Syntax& syntax, const Word& word, Values& into) const {
  std::optional<std::uint64_t> value;
  if (word.kind == Word::Kind::kAs && lower_case(syntax.text).starts_with("as")) {
    value = parse_number<std::uint32_t>(syntax.text.substr(2));
  } else if (word.kind == Word::Kind::kName || word.kind == Word::Kind::kCommunity) {
    value = named_number(word.of, syntax.text);
  }
  if (!value) return wrong_type(syntax, word);
  into.numbers.push_back({*value, *value});
  return true;
}

bool RouteConditions::literal(const Syntax& syntax, const Word& word, Values& into) const {
  const std::string_view text = syntax.text;
  const bool is_number = syntax.token == TokenKind::kNumber;
  std::optional<std::uint64_t> value;
  switch (word.kind) {
    case Word::Kind::kNumber:
    case Word::Kind::kAs:
      if (!is_number) return wrong_type(syntax, word);
      value = text.starts_with("0x") ? parse_number<std::uint64_t>(text.substr(2), 16)
                                     : parse_number<std::uint64_t>(text);
      if (value && *value > word.max) {
        report_.error("P0205", syntax.at,
                      syntax.text + " does not fit " + quoted(word.name) + ", which is at most " +
                          std::to_string(word.max));
        return false;
      }
      break;
    case Word::Kind::kCommunity:
      value = community(text);
      break;
    case Word::Kind::kExtended:
      value = extended_community(text);
      break;
    case Word::Kind::kLarge: {
      const auto large = large_community(text);
      if (!large) return wrong_type(syntax, word);
      into.large.push_back(*large);
      return true;
    }
    default:
      break;
  }
  if (!value) return wrong_type(syntax, word);
  into.numbers.push_back({*value, *value});
  return true;
}

bool RouteConditions::range(const Bound& value, const Word& word, Values& into) const {
  Values ends;
  for (const SyntaxPtr& child : value.syntax->children) {
    if (!collect({child, value.scope}, word, ends)) return false;
  }
  const bool single = ends.numbers.size() == 2 && ends.numbers[0].low == ends.numbers[0].high &&
                      ends.numbers[1].low == ends.numbers[1].high;
  if (!single || word.kind == Word::Kind::kName) {
    report_.error("P0208", value.syntax->at, "both sides of a range must be single numbers");
    return false;
  }
  if (ends.numbers[0].low > ends.numbers[1].low) {
    report_.error("P0208", value.syntax->at, "this range is empty: its first value is the larger");
    return false;
  }
  into.numbers.push_back({ends.numbers[0].low, ends.numbers[1].low});
  return true;
}

bool RouteConditions::collect(const Bound& value, const Word& word, Values& into) const {
  const Bound settled = names_.settle(value);
  const Syntax& syntax = *settled.syntax;
  switch (syntax.kind) {
    case SyntaxKind::kLiteral:
      return literal(syntax, word, into);
    case SyntaxKind::kName:
      return name(syntax, word, into);
    case SyntaxKind::kList:
      return std::all_of(syntax.children.begin(), syntax.children.end(),
                         [&](const SyntaxPtr& child) {
                           return collect({child, settled.scope}, word, into);
                         });
    case SyntaxKind::kMinus:
      return syntax.children.size() == 2 ? range(settled, word, into) : wrong_type(syntax, word);
    default:
      return wrong_type(syntax, word);
  }
}

bool RouteConditions::compare(const FieldSyntax& test, const Word& word, Values& values) const {
  values.numbers = normalize(std::move(values.numbers));
  std::sort(values.large.begin(), values.large.end());
  if (test.op == "=") return true;
  if (word.is_many() || (word.kind == Word::Kind::kName && test.op != "!=")) {
    report_.error("P0208", test.at, quoted(test.op) + " does not compare with " + quoted(word.name),
                  word.is_many() ? "a route has several: ~rib(" + std::string(word.name) +
                                       "=...) holds where none of them is it"
                                 : "");
    return false;
  }
  if (test.op == "!=") {
    values.numbers = complement(values.numbers, word.max);
    return true;
  }
  const bool is_single =
      values.numbers.size() == 1 && values.numbers[0].low == values.numbers[0].high;
  if (!is_single) {
    report_.error("P0208", test.at, quoted(test.op) + " compares with a single value");
    return false;
  }
  const std::uint64_t value = values.numbers[0].low;
  if (test.op == "<=") values.numbers = {{0, value}};
  if (test.op == ">=") values.numbers = {{value, word.max}};
  if (test.op == "<")
    values.numbers = complement(std::vector<Interval>{{value, word.max}}, word.max);
  if (test.op == ">") values.numbers = complement(std::vector<Interval>{{0, value}}, word.max);
  if (!values.numbers.empty()) return true;
  report_.error("P0205", test.at, "no " + std::string(word.name) + " is like that");
  return false;
}

std::optional<RouteTest> RouteConditions::value_test(const FieldSyntax& test, const Word& word,
                                                     const ScopePtr& scope) const {
  Values values;
  if (!collect({test.value, scope}, word, values) || !compare(test, word, values)) {
    return std::nullopt;
  }
  if (word.kind == Word::Kind::kLarge) return LargeCommunityTest{std::move(values.large)};
  return RouteNumberTest{word.of, std::move(values.numbers)};
}

std::optional<RouteTest> RouteConditions::prefix_test(const FieldSyntax& test,
                                                      const ScopePtr& scope) const {
  if (test.op != "=") {
    report_.error("P0208", test.at, "'prefix' is tested with 'in'",
                  "rib(prefix in [10.0.0.0/8]); prefix_len compares lengths");
    return std::nullopt;
  }
  auto set = addresses_of_({test.value, scope});
  if (!set) return std::nullopt;
  return RoutePrefixTest{*std::move(set)};
}

std::optional<RouteTest> RouteConditions::text_test(const FieldSyntax& test, const Word& word,
                                                    const ScopePtr& scope) {
  const Syntax& syntax = *names_.settle({test.value, scope}).syntax;
  if (syntax.kind != SyntaxKind::kLiteral || syntax.token != TokenKind::kString) {
    if (!was_reported(syntax)) {
      report_.error("P0204", test.value->at, "'=~' takes a pattern in quotes",
                    "such as as_path =~ \"^64500_\"");
    }
    return std::nullopt;
  }
  RouteText of = RouteText::kPath;
  if (word.kind == Word::Kind::kCommunity) of = RouteText::kCommunity;
  if (word.kind == Word::Kind::kExtended) of = RouteText::kExtendedCommunity;
  if (word.kind == Word::Kind::kLarge) of = RouteText::kLargeCommunity;
  const auto known = patterns_.find(syntax.text);
  if (known != patterns_.end()) return RouteTextTest{of, known->second};
  // To make an automaton of as many states as it may have.
  constexpr std::uint64_t kStepsOfPattern = 50'000;
  if (!report_.spend(kStepsOfPattern, syntax.at)) return std::nullopt;
  auto pattern = TextPattern::compile(syntax.text);
  if (!pattern) {
    SourceSpan at = syntax.at;
    at.column += static_cast<std::uint32_t>(pattern.error().at) + 1;  // after the quote
    at.length = 1;
    if (pattern.error().at == 0) at = syntax.at;
    report_.error("P0222", at, "this pattern cannot be read: " + pattern.error().message,
                  "docs/policy.md says what a pattern may have");
    return std::nullopt;
  }
  const auto shared = std::make_shared<const TextPattern>(*std::move(pattern));
  patterns_.emplace(syntax.text, shared);
  return RouteTextTest{of, shared};
}

std::optional<RouteTest> RouteConditions::test(const FieldSyntax& test, const ScopePtr& scope) {
  const Word* const about = word(test);
  if (about == nullptr) return std::nullopt;
  if (test.op == "=~") {
    if (about->has_text()) return text_test(test, *about, scope);
    report_.error("P0208", test.at, quoted(about->name) + " has no text to match",
                  "'=~' is for as_path and communities");
    return std::nullopt;
  }
  if (about->kind == Word::Kind::kPath) {
    report_.error("P0208", test.at, "'as_path' is tested with '=~'",
                  "such as as_path =~ \"^64500_\"; as_path_len compares lengths");
    return std::nullopt;
  }
  if (about->kind == Word::Kind::kPrefix) return prefix_test(test, scope);
  return value_test(test, *about, scope);
}

PredicatePtr RouteConditions::read(const Syntax& tests, const ScopePtr& scope) {
  if (tests.tests.empty()) {
    report_.error("P0211", tests.at, quoted(tests.text) + " takes at least one test",
                  "such as " + tests.text + "(community=64500:1)");
    return nullptr;
  }
  RouteTests result;
  bool good = true;
  for (const FieldSyntax& each : tests.tests) {
    auto next = test(each, scope);
    good = good && next;
    if (!good) continue;
    if (!result.text.empty()) result.text += ", ";
    result.text += text_of(*next);
    result.all.push_back(*std::move(next));
  }
  if (!good) return nullptr;
  const Side side = tests.text == "src_rib" ? Side::kSource : Side::kDestination;
  return predicate(std::move(result), side, tests.at);
}

PredicatePtr RouteConditions::best_via(net::ParticipantId announcer, const SourceSpan& at) {
  RouteTests tests;
  tests.all.emplace_back(
      RouteNumberTest{RouteNumber::kAnnouncer, {{announcer.value, announcer.value}}});
  return predicate(std::move(tests), Side::kDestination, at);
}

PredicatePtr RouteConditions::predicate(RouteTests tests, Side side, const SourceSpan& at) {
  OnRoute wanted{std::make_shared<const RouteTests>(std::move(tests)), side};
  const auto known = std::find_if(
      known_.begin(), known_.end(),
      [&wanted](const PredicatePtr& each) { return same(std::get<OnRoute>(each->node), wanted); });
  if (known != known_.end()) return conjunction(is_ip(), *known);
  if (known_.size() >= kMaxRouteTests) {
    report_.error(
        "P0411", at,
        "a policy asks routes at most " + std::to_string(kMaxRouteTests) + " different questions",
        "name sets of values in one test, such as community in {64500:1, 64500:2}");
    return nullptr;
  }
  known_.push_back(std::make_shared<const Predicate>(Predicate{std::move(wanted)}));
  return conjunction(is_ip(), known_.back());
}

}  // namespace fabrix::policy
