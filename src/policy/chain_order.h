// ChainOrder: whether all that clauses send through middleboxes comes out again, whatever these
// make of it.
//
// What comes back from a middlebox is told by its port. Outbound the whole policy looks at it, so
// that a packet which was rewritten may be another clause's: if one clause has two middleboxes in
// one order and another has them the other way round, packets could go round (P0318). Inbound it
// bears the MAC of the router that is to get it, and nothing says which clause it was of: what
// follows a middlebox has to be the same in all (P0319). A clause that tests `inport` may not be
// the one that looks at what comes back, and its chain ends there (P0324, a warning).
//
// Pure but for the report, which gets each error once.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "net/ids.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/report.h"

namespace fabrix::policy {

class ChainOrder {
 public:
  ChainOrder(const SymbolTable& symbols, Report& report) : symbols_(symbols), report_(report) {}

  // The policy's clauses may be in force together with those that were added before.
  void add(const Policy& policy);

 private:
  void add_sent(const Clause& clause);
  void check_return(const Clause& clause) const;
  void add_received(const Clause& clause);
  bool leads(net::RouterId from, net::RouterId to, const SourceSpan& at) const;

  const SymbolTable& symbols_;
  Report& report_;
  std::map<net::RouterId, std::set<net::RouterId>> behind_;     // outbound: at once
  std::map<net::RouterId, std::optional<net::RouterId>> next_;  // inbound; none: the router
  bool goes_round_ = false;                                     // is reported
  bool parts_ = false;                                          // is reported
};

}  // namespace fabrix::policy
