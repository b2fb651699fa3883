#include "exchange/warnings.h"

namespace fabrix::exchange {

std::vector<std::string> warnings(const Exchange& exchange) {
  std::vector<std::string> all;
  if (exchange.route_server.preset == PolicyPreset::kNone) {
    all.emplace_back(
        "no policy is chosen, so no member's routes are accepted and none are told to anybody (RFC "
        "8212): write policy: minimal, ixp or strict under exchange.route_server");
  }
  return all;
}

}  // namespace fabrix::exchange
