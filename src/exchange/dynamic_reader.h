// The list `dynamic_neighbors` of exchange.route_server in exchange.yaml.
#pragma once

#include "exchange/exchange.h"
#include "exchange/route_server_reader.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

inline constexpr std::size_t kMaxDynamicRanges = 64;

// Fills exchange.route_server.dynamic from the list `node`. The participants have been read.
void read_dynamic_neighbors(YamlReader& reader, const YamlNode& node, const Defaults& defaults,
                            Exchange& exchange);

}  // namespace fabrix::exchange
