#include "policy/chain_order.h"

#include <string>
#include <utility>
#include <vector>

#include "policy/describe.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

std::optional<net::PortNo> port_of(net::RouterId router, const SymbolTable& symbols) {
  for (const SymbolTable::Participant& participant : symbols.participants) {
    for (const SymbolTable::Port& port : participant.ports) {
      if (port.router == router) return port.port;
    }
  }
  return std::nullopt;
}

}  // namespace

void ChainOrder::add(const Policy& policy) {
  for (const Clause& each : policy.outbound.clauses) add_sent(each);
  for (const Clause& each : policy.inbound.clauses) add_received(each);
}

// What comes back from each but the last has to be the clause's.
void ChainOrder::check_return(const Clause& clause) const {
  const auto& via = clause.extras.via;
  for (std::size_t i = 0; i + 1 < via.size(); ++i) {
    const auto port = port_of(via[i], symbols_);
    if (!port || !report_.spend(weight_of(*clause.when), clause.at)) return;
    const auto back = test_field(net::Field::kInPort, {{port->value, port->value}});
    if (!is_never(*conjunction(clause.when, back))) continue;
    return report_.warning("P0324", clause.at,
                           "nothing gets to " + quoted(name_of(via[i + 1], symbols_)) +
                               ": what comes back from " + quoted(name_of(via[i], symbols_)) +
                               " has that port as its inport, not the one tested",
                           "let inport be that port, " + std::to_string(port->value) + ", too");
  }
}

void ChainOrder::add_sent(const Clause& clause) {
  check_return(clause);
  const auto& via = clause.extras.via;
  for (std::size_t i = 0; i + 1 < via.size() && !goes_round_; ++i) {
    if (behind_[via[i]].contains(via[i + 1])) continue;
    if (leads(via[i + 1], via[i], clause.at)) {
      goes_round_ = true;
      report_.error("P0318", clause.at,
                    "packets could go round: " + quoted(name_of(via[i], symbols_)) +
                        " comes before " + quoted(name_of(via[i + 1], symbols_)) +
                        " here, and behind it elsewhere",
                    "let all that is sent pass its middleboxes in one order");
    }
    behind_[via[i]].insert(via[i + 1]);
  }
}

// True also if it takes too long to find out, which is reported.
bool ChainOrder::leads(net::RouterId from, net::RouterId to, const SourceSpan& at) const {
  std::set<net::RouterId> seen{from};
  std::vector<net::RouterId> open{from};
  while (!open.empty()) {
    const net::RouterId here = open.back();
    open.pop_back();
    if (here == to || !report_.spend(1, at)) return true;
    const auto found = behind_.find(here);
    if (found == behind_.end()) continue;
    for (const net::RouterId each : found->second) {
      if (seen.insert(each).second) open.push_back(each);
    }
  }
  return false;
}

void ChainOrder::add_received(const Clause& clause) {
  const auto& via = clause.extras.via;
  const auto goal = [this](const std::optional<net::RouterId>& next) {
    return next ? quoted(name_of(*next, symbols_)) : std::string("the router");
  };
  for (std::size_t i = 0; i < via.size() && !parts_; ++i) {
    const auto next = i + 1 < via.size() ? std::optional(via[i + 1]) : std::nullopt;
    const auto& known = next_.emplace(via[i], next).first->second;
    if (known == next) continue;
    parts_ = true;
    report_.error("P0319", clause.at,
                  "what comes back from " + quoted(name_of(via[i], symbols_)) + " would go on to " +
                      goal(next) + " here, and to " + goal(known) + " elsewhere",
                  "what is received comes back with its router's MAC and nothing else that tells "
                  "it: let the same follow a middlebox in every chain");
  }
}

}  // namespace fabrix::policy
