// policy_page(): what an exchange's route server does, for its members to read: filters in order
// with their values, communities, reasons for rejection, sessions, where RPKI data comes from.
//
// No secrets, and nothing of a single member but what differs from everyone's. Pure.
#pragma once

#include "exchange/exchange.h"
#include "interchange/page.h"

namespace fabrix::interchange {

Page policy_page(const exchange::Exchange& exchange);

}  // namespace fabrix::interchange
