// World: everything that decides what should happen to a packet, as verify sees it: the inputs of the
// compiler, not its output.
#pragma once

#include <memory>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "policy/policy.h"

namespace fabrix::verify {

struct World {
  const exchange::Exchange* exchange = nullptr;          // never null in use
  const exchange::Reachability* reachability = nullptr;  // never null in use
  // By participant; null: no policy.
  std::vector<std::shared_ptr<const policy::Policy>> policies;
  // By router: whether its port is up.
  std::vector<bool> port_up;
};

}  // namespace fabrix::verify
