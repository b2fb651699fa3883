// Answers: for which prefixes the route that a policy asks about (policy/route_test.h) is what it
// asks for; and the longest-prefix opinions that say so. Kept from one check to the next, prefix by
// prefix, since a full table has a million of them.
//
// Not thread-safe. `reachability` is the same in every call.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/prefix.h"
#include "policy/policy.h"
#include "policy/predicate.h"

namespace fabrix::verify {

class Answers {
 public:
  // Of a question in a policy of `owner`.
  Answers(net::ParticipantId owner, policy::Direction direction, policy::OnRoute question,
          const exchange::Reachability& reachability);

  // Asks for these prefixes again, in any order. False: nothing is other than before.
  bool ask_again(std::span<const exchange::PlacedPrefix> prefixes,
                 const exchange::Reachability& reachability);

  // What the longest prefix says of its addresses, the longest first; those that only repeat that
  // nothing holds are left out.
  struct Opinion {
    net::Prefix prefix;
    bool holds = false;

    // NOLINTNEXTLINE(readability-implicit-bool-conversion): clang-tidy 14 sees one in it.
    friend auto operator<=>(const Opinion&, const Opinion&) = default;
  };
  std::vector<Opinion> opinions() const;

 private:
  std::optional<Opinion> ask(const net::Prefix& prefix,
                             const exchange::Reachability& reachability) const;

  net::ParticipantId owner_;
  bool of_its_own_ = false;  // it asks about what the owner announces
  std::shared_ptr<const policy::RouteTests> tests_;
  std::vector<Opinion> all_;  // in Prefix order
};

}  // namespace fabrix::verify
