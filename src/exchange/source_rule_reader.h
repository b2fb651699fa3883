// The key `port_security.source_check` of exchange.yaml (source_rule.h).
#pragma once

#include "exchange/source_rule.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// `security` is the value of port_security. What is written takes the place of what is in `rule`;
// the rest stays.
void read_source_rule(YamlReader& reader, const YamlNode& security, SourceRule& rule);

}  // namespace fabrix::exchange
