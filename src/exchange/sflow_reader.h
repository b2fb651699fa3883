// The key `sflow` of exchange.yaml, and `sflow_rate` of a router: to whom samples of the exchange's
// traffic go, and how many are taken.
#pragma once

#include <cstdint>
#include <optional>

#include "exchange/exchange.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

void read_sflow(YamlReader& reader, const YamlNode& node, SflowSite& site);

// One frame of so many; 0: none.
std::optional<std::uint32_t> read_sflow_rate(YamlReader& reader, const YamlNode& node);

}  // namespace fabrix::exchange
