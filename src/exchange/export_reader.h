// The key `exports` of exchange.telemetry: where telemetry is sent on to.
#pragma once

#include <vector>

#include "exchange/export_site.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// A list of at most kMaxExports; those that are right.
std::vector<ExportSite> read_exports(YamlReader& reader, const YamlNode& node);

}  // namespace fabrix::exchange
