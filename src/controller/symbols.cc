#include "controller/symbols.h"

namespace fabrix::controller {

policy::SymbolTable symbols_for(const exchange::Exchange& exchange, net::ParticipantId owner) {
  policy::SymbolTable symbols;
  symbols.owner = owner;
  for (const exchange::Participant& participant : exchange.participants) {
    if (!participant.present) continue;
    policy::SymbolTable::Participant entry{.name = participant.name,
                                           .id = participant.id,
                                           .ports = {},
                                           .peer = exchange.may_peer(owner, participant.id)};
    for (const net::RouterId id : participant.routers) {
      const exchange::Router& router = exchange.router(id);
      entry.ports.push_back({.router_name = router.name,
                             .router = id,
                             .port = router.port,
                             .middlebox = router.middlebox});
    }
    symbols.participants.push_back(std::move(entry));
  }
  return symbols;
}

}  // namespace fabrix::controller
