// symbols_for(): the names that a participant's policy may use, from the exchange's configuration.
#pragma once

#include "exchange/exchange.h"
#include "net/ids.h"
#include "policy/parse.h"

namespace fabrix::controller {

policy::SymbolTable symbols_for(const exchange::Exchange& exchange, net::ParticipantId owner);

}  // namespace fabrix::controller
