// Told: whether what one participant is told of prefixes says what the routes say (I3): the next
// hop of the best route, and a tag that means of each target of its policy what is so.
//
// The claims about tags that Terms::meanings holds are compared here with the routes, and with the
// rows elsewhere: together they prove that the rows do what the clauses mean. One answer holds for
// all prefixes with the same routes and next hop, and is remembered.
//
// For one policy, one meaning of tags, one shortfall. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "policy/policy.h"
#include "verify/findings.h"

namespace fabrix::verify {

class Told {
 public:
  Told(const Task& task, net::ParticipantId sender);

  // Adds a violation if it is wrong. `task` is of the same sender's policy and meaning.
  void check(const Task& task, const net::Prefix& prefix, const exchange::Routes& routes);

  // Whether tags may matter to it, so that a change of routes is a reason to look again.
  bool minds_routes() const { return policy_ != nullptr || has_meaning_; }

 private:
  struct Claim {
    policy::Target target;
    net::RouterId router;
    std::vector<program::MacPattern> tests;
  };

  std::optional<std::string> fault_of_router(const Task& task, net::RouterId router,
                                             const net::Prefix& prefix,
                                             const exchange::Routes& routes) const;
  std::optional<std::string> fault_of_tag(const Task& task, net::MacAddress tag,
                                          const exchange::Routes& routes) const;
  std::optional<std::string> fault(const Task& task, const net::IpAddress& next_hop,
                                   const net::Prefix& prefix, const exchange::Routes& routes) const;
  bool is_idle(const Task& task, const exchange::Routes& routes) const;

  net::ParticipantId sender_;
  std::shared_ptr<const policy::Policy> policy_;  // as it applies; null: no outbound clauses
  bool has_meaning_ = false;
  std::vector<policy::Target> asked_;  // by clauses that ask the tag; sorted
  std::vector<Claim> claims_;
  std::set<std::pair<exchange::Routes, net::IpAddress>> right_;
};

}  // namespace fabrix::verify
