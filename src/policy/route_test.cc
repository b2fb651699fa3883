#include "policy/route_test.h"

#include <algorithm>
#include <optional>

#include "policy/intervals.h"

namespace fabrix::policy {
namespace {

bool lies_in(const std::vector<Interval>& intervals, std::uint64_t value) {
  const auto found =
      std::partition_point(intervals.begin(), intervals.end(),
                           [value](const Interval& each) { return each.high < value; });
  return found != intervals.end() && found->low <= value;
}

std::optional<std::uint64_t> number_of(const net::RouteAttributes& route, RouteNumber of) {
  switch (of) {
    case RouteNumber::kPrefixLength:
      return route.prefix.length();
    case RouteNumber::kPathLength:
      return route.as_path->length();
    case RouteNumber::kOriginAs: {
      const auto origin = route.as_path->origin();
      return origin ? std::optional<std::uint64_t>(origin->value) : std::nullopt;
    }
    case RouteNumber::kNeighborAs:
      return route.neighbor.value;
    case RouteNumber::kOrigin:
      return static_cast<std::uint64_t>(route.origin);
    case RouteNumber::kMed:
      return route.med.value_or(0);
    case RouteNumber::kRpki:
      return static_cast<std::uint64_t>(route.rpki);
    case RouteNumber::kAnnouncer:
      return route.announcer.value;
    case RouteNumber::kCommunity:
    case RouteNumber::kExtendedCommunity:
      return std::nullopt;
  }
  return std::nullopt;
}

template <typename Communities>
bool any_matches(const TextPattern& pattern, const Communities& communities) {
  return std::any_of(communities.begin(), communities.end(), [&pattern](const auto& each) {
    return pattern.matches(net::to_string(each));
  });
}

struct HoldsOnRoute {
  const net::RouteAttributes& route;

  bool operator()(const RoutePrefixTest& test) const {
    const AddressSet whole = block(route.prefix);
    return includes(test.set.v4, whole.v4) && includes(test.set.v6, whole.v6);
  }

  bool operator()(const RouteNumberTest& test) const {
    const auto inside = [&test](const auto& each) { return lies_in(test.intervals, each.value); };
    if (test.of == RouteNumber::kCommunity) {
      return std::any_of(route.communities.begin(), route.communities.end(), inside);
    }
    if (test.of == RouteNumber::kExtendedCommunity) {
      return std::any_of(route.extended_communities.begin(), route.extended_communities.end(),
                         inside);
    }
    const auto number = number_of(route, test.of);
    return number && lies_in(test.intervals, *number);
  }

  bool operator()(const LargeCommunityTest& test) const {
    return std::any_of(route.large_communities.begin(), route.large_communities.end(),
                       [&test](const net::LargeCommunity& each) {
                         return std::binary_search(test.any.begin(), test.any.end(), each);
                       });
  }

  bool operator()(const RouteTextTest& test) const {
    switch (test.of) {
      case RouteText::kPath:
        return test.pattern->matches(route.as_path->to_string());
      case RouteText::kCommunity:
        return any_matches(*test.pattern, route.communities);
      case RouteText::kExtendedCommunity:
        return any_matches(*test.pattern, route.extended_communities);
      case RouteText::kLargeCommunity:
        return any_matches(*test.pattern, route.large_communities);
    }
    return false;
  }
};

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate, at most kMaxDepth.
template <typename Visit>
void for_each_route_test(const Predicate& predicate, const Visit& visit) {
  if (const auto* test = std::get_if<OnRoute>(&predicate.node)) visit(*test);
  if (const auto* negated = std::get_if<Not>(&predicate.node)) {
    for_each_route_test(*negated->operand, visit);
  }
  if (const auto* all = std::get_if<And>(&predicate.node)) {
    for (const PredicatePtr& each : all->operands) for_each_route_test(*each, visit);
  }
  if (const auto* any = std::get_if<Or>(&predicate.node)) {
    for (const PredicatePtr& each : any->operands) for_each_route_test(*each, visit);
  }
}
// NOLINTEND(misc-no-recursion)

bool asks_rpki(const RouteTest& test) {
  const auto* number = std::get_if<RouteNumberTest>(&test);
  return number != nullptr && number->of == RouteNumber::kRpki;
}

bool exclude(const RouteTest& a, const RouteTest& b) {
  const auto* one = std::get_if<RouteNumberTest>(&a);
  const auto* other = std::get_if<RouteNumberTest>(&b);
  if (one == nullptr || other == nullptr || one->of != other->of) return false;
  const bool is_many =
      one->of == RouteNumber::kCommunity || one->of == RouteNumber::kExtendedCommunity;
  return !is_many && intersect(one->intervals, other->intervals).empty();
}

// Each once.
void collect(const Predicate& predicate, std::vector<OnRoute>& found) {
  for_each_route_test(predicate, [&found](const OnRoute& test) {
    const bool known = std::any_of(found.begin(), found.end(),
                                   [&test](const OnRoute& each) { return same(each, test); });
    if (!known) found.push_back(test);
  });
}

bool any_asks_rpki(const std::vector<OnRoute>& tests) {
  return std::any_of(tests.begin(), tests.end(), [](const OnRoute& test) {
    return std::any_of(test.tests->all.begin(), test.tests->all.end(),
                       [](const RouteTest& each) { return asks_rpki(each); });
  });
}

}  // namespace

bool exclude(const OnRoute& a, const OnRoute& b) {
  if (a.side != b.side) return false;
  return std::any_of(a.tests->all.begin(), a.tests->all.end(), [&b](const RouteTest& one) {
    return std::any_of(b.tests->all.begin(), b.tests->all.end(),
                       [&one](const RouteTest& other) { return exclude(one, other); });
  });
}

bool asks(const Predicate& predicate, const OnRoute& question) {
  bool found = false;
  for_each_route_test(predicate,
                      [&](const OnRoute& each) { found = found || same(each, question); });
  return found;
}

bool holds(const RouteTests& tests, const net::RouteAttributes& route) {
  return std::all_of(tests.all.begin(), tests.all.end(), [&route](const RouteTest& test) {
    return std::visit(HoldsOnRoute{route}, test);
  });
}

std::vector<OnRoute> route_tests_of(const ClauseList& list) {
  std::vector<OnRoute> found;
  for (const Clause& clause : list.clauses) collect(*clause.when, found);
  return found;
}

std::vector<OnRoute> route_tests_of(const std::vector<Query>& queries) {
  std::vector<OnRoute> found;
  for (const Query& query : queries) collect(*query.when, found);
  return found;
}

bool asks_rpki(const ClauseList& list) {
  return any_asks_rpki(route_tests_of(list)) || any_asks_rpki(route_tests_of(list.queries));
}

}  // namespace fabrix::policy
