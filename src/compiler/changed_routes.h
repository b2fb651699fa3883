// ChangedRoutes: the prefixes whose routes have changed since the last compilation, each once.
//
// In the order in which they were noted, which is all that most compilations need; sorted for those
// that need more. Bounded by the places of the Reachability. Not thread-safe.
#pragma once

#include <span>
#include <vector>

#include "exchange/reachability.h"
#include "net/prefix.h"

namespace fabrix::compiler {

class ChangedRoutes {
 public:
  // A prefix that is nowhere never had routes that anyone was told of: it is left out.
  void note(const exchange::PlacedPrefix& prefix);
  void note(std::vector<exchange::PlacedPrefix> prefixes);
  // Those noted; and forgets them.
  std::vector<exchange::PlacedPrefix> take();

  bool empty() const { return noted_.empty(); }
  std::span<const exchange::PlacedPrefix> all() const { return noted_; }
  // Good until the next note() or take().
  std::span<const net::Prefix> sorted();

 private:
  bool is_new(exchange::Place place);

  std::vector<exchange::PlacedPrefix> noted_;
  std::vector<bool> is_noted_;  // by place
  std::vector<net::Prefix> sorted_;
  bool is_sorted_ = true;
};

}  // namespace fabrix::compiler
