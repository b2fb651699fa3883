// SimulatedExchange: the simulation of `fabrix simulate` (lab/simulation.h) for Python: what its
// steps did and what there is to see, as JSON.
//
// Not thread-safe.
#pragma once

#include <memory>
#include <string>

#include <boost/json/value.hpp>

#include "lab/simulation.h"
#include "net/packet.h"
#include "python/loaded_exchange.h"
#include "python/outcome.h"

namespace fabrix::python {

class SimulatedExchange {
 public:
  // Policy files are relative to `directory`.
  SimulatedExchange(ExchangePtr exchange, std::string directory);

  // A line of the language of docs/simulate.md, or the steps that there are methods for. Each gives
  //
  //   command, ok, participant, expected, delivered, notices, warnings, warning_text
  //   trace   {"packet", "from", "prefix", "next_hop", "tag", "steps": [{"table", "row",
  //           "reason"}], "verdict", "out", "agrees", "text"}
  //
  // and fails where the line is wrong or a policy is refused.
  Outcome run(const std::string& line);
  Outcome set_policy(const std::string& participant, const std::string& text,
                     const std::string& file);
  Outcome send(const std::string& router, const net::Packet& packet);
  // The policies that the configuration names; fails with the first that is wrong.
  Outcome load_policies();

  // "rules", "classes", "policies", "participants", "status", "notices" as `fabrix show` has them,
  // and "table": all routes.
  Outcome show(const std::string& what) const;
  // The routes that a participant may use, best first for each prefix: as `show routes` has them,
  // with "best" and "told": the next hop that its routers hear.
  Outcome routes(const std::string& participant) const;

 private:
  Outcome outcome_of(Result<lab::SimulatedStep> step) const;

  ExchangePtr exchange_;
  std::string directory_;
  lab::Simulation simulation_;
};

}  // namespace fabrix::python
