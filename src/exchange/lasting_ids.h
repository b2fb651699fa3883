// with_lasting_ids(): a new exchange with the ids of the old one for what is the same, and
// tombstones for what is gone. exchange/reload.h says which is which.
//
// Pure.
#pragma once

#include <vector>

#include "base/result.h"
#include "exchange/exchange.h"

namespace fabrix::exchange {

// Fails if there is no room for everyone and the tombstones.
Result<Exchange, std::vector<Error>> with_lasting_ids(const Exchange& running, Exchange candidate);

}  // namespace fabrix::exchange
