// The words of exchange.yaml for the enumerations of policies.
#pragma once

#include <string_view>

#include "exchange/exchange.h"
#include "exchange/session_policy.h"

namespace fabrix::exchange {

std::string_view name_of(Dialling dialling);    // passive, active
std::string_view name_of(NextHopRule rule);     // strict, same-as, any
std::string_view name_of(LimitAction action);   // warn, block, shutdown, restart
std::string_view name_of(RpkiRule rule);        // off, mark, reject-invalid
std::string_view name_of(PolicyPreset preset);  // minimal, ixp, strict
std::string_view name_of(FlowSpecScope scope);  // nobody, everyone
std::string_view name_of(FabricType type);      // openflow, linux
std::string_view name_of(SwitchRole role);      // edge, core
std::string_view name_of(SourceCheck mode);     // off, count, drop

}  // namespace fabrix::exchange
