// Chains: the middleboxes that via() and `chain` statements name, in order (RFC 7665: a service
// function chain).
//
//   chain web = E2 >> E3
//   chain all = web >> E4
//   via(web)    via(E2, E3)    via([E2, E3])
//
// Pure but for the report.
#pragma once

#include <optional>
#include <vector>

#include "net/ids.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/targets.h"

namespace fabrix::policy {

class Chains {
 public:
  Chains(Names& names, const Targets& targets, Report& report)
      : names_(names), targets_(targets), report_(report) {}

  // The own middlebox ports that these name, one after the other, each once; at least one. None:
  // reported.
  std::optional<std::vector<net::RouterId>> read(const std::vector<Bound>& links) const;

 private:
  bool add(const Bound& link, std::vector<net::RouterId>& all, unsigned depth) const;
  bool add_port(const Bound& link, std::vector<net::RouterId>& all) const;

  Names& names_;
  const Targets& targets_;
  Report& report_;
};

// Reports what is wrong with `chain` statements, whether or not a policy goes by them.
void check_chains(const File& file, const SymbolTable& symbols, Report& report);

}  // namespace fabrix::policy
