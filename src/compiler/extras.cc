#include "compiler/extras.h"

#include <algorithm>

namespace fabrix::compiler {

static_assert(policy::kMaxMeters == program::kMetersPerParticipant);

Action with_extras(Action action, const policy::Extras& extras, net::ParticipantId owner,
                   const exchange::Exchange& exchange) {
  if (extras.police) {
    action.meter = program::meter_of(owner, extras.police->number, extras.police->kbps);
  }
  for (const net::RouterId port : extras.mirrors) {
    action.copies.push_back(exchange.router(port).port);
  }
  std::ranges::sort(action.copies);
  return action;
}

std::optional<net::RouterId> open_middlebox(const policy::Extras& extras,
                                            const std::vector<bool>& port_up) {
  return extras.via && port_up[extras.via->index()] ? extras.via : std::nullopt;
}

}  // namespace fabrix::compiler
