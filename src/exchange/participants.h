// The `participants` of exchange.yaml: members, their routers and whom they peer with.
#pragma once

#include <cstddef>

#include "exchange/claims.h"
#include "exchange/exchange.h"
#include "exchange/route_server_reader.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

inline constexpr std::size_t kMaxParticipants = 4094;  // see net/ids.h
inline constexpr std::size_t kMaxRouters = 4094;

// Fills exchange.participants and exchange.routers from the list `node`; mistakes go to `reader`,
// and what is then in `exchange` is not to be used.
void read_participants(YamlReader& reader, const YamlNode& node, Claims& claims,
                       const Defaults& defaults, Exchange& exchange);

}  // namespace fabrix::exchange
