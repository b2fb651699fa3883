// The names that a policy's text may use in a test's exchange.
#pragma once

#include <utility>

#include "exchange/exchange.h"
#include "policy/parse.h"

namespace fabrix::compiler {

inline policy::SymbolTable symbols(const exchange::Exchange& exchange, net::ParticipantId owner) {
  policy::SymbolTable table;
  table.owner = owner;
  for (const auto& member : exchange.participants) {
    policy::SymbolTable::Participant each;
    each.name = member.name;
    each.id = member.id;
    each.peer = member.id != owner;
    for (const net::RouterId id : member.routers) {
      const exchange::Router& one = exchange.router(id);
      each.ports.push_back({one.name, id, one.port, one.middlebox});
    }
    table.participants.push_back(std::move(each));
  }
  return table;
}

}  // namespace fabrix::compiler
