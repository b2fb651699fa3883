// RouteAnswers: which prefixes' routes answer the questions of one half of a policy with yes, kept
// up to date prefix by prefix; and the addresses that this means.
//
// Which routes are asked: see policy/route_test.h. Memory: 24 octets for each prefix. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/prefix.h"
#include "policy/address_set.h"
#include "policy/policy.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

// What routes have become others.
struct RouteChange {
  std::span<const net::Prefix> prefixes;  // sorted and each once
  bool everything = false;                // rather than these
};

class RouteAnswers {
 public:
  RouteAnswers() = default;
  // At most policy::kMaxRouteTests questions.
  RouteAnswers(net::ParticipantId owner, policy::Direction direction,
               std::vector<policy::OnRoute> questions);

  std::span<const policy::OnRoute> questions() const { return questions_; }

  // Asks all routes.
  void read(const exchange::Reachability& reachability);
  // Asks those that have changed again.
  void read(const RouteChange& change, const exchange::Reachability& reachability);

  // By question: the addresses whose longest prefix has a route that answers with yes.
  const std::vector<policy::AddressSet>& regions() const { return regions_; }

 private:
  // Bit i: yes to question i.
  struct Answer {
    net::Prefix prefix;
    std::uint32_t yes = 0;

    friend bool operator==(const Answer&, const Answer&) = default;
  };
  // In Prefix order; every prefix that has a route counts, since it may hide a shorter one.
  using Answers = std::vector<Answer>;

  bool is_own(const policy::OnRoute& question) const;
  std::uint32_t ask(const net::RouteAttributes& route, std::uint32_t which) const;
  void merge(Answers& into, const Answers& fresh, std::span<const net::Prefix> changed);
  void update_regions();

  net::ParticipantId owner_;
  policy::Direction direction_ = policy::Direction::kOutbound;
  std::vector<policy::OnRoute> questions_;
  std::uint32_t about_own_ = 0;   // questions about what the owner announces
  std::uint32_t about_used_ = 0;  // questions about what the owner uses
  Answers own_;
  Answers used_;
  bool changed_ = true;  // since regions_ were made
  std::vector<policy::AddressSet> regions_;
};

}  // namespace fabrix::compiler
