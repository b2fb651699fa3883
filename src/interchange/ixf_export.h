// export_ixf(): the members of an exchange as an IX-F Member Export, for PeeringDB, IXP databases
// and peering managers. Pure.
#pragma once

#include <cstdint>
#include <string>

#include <boost/json/object.hpp>

#include "exchange/exchange.h"

namespace fabrix::interchange {

enum class IxfVersion : std::uint8_t { kVersion07, kVersion10 };

// Whether everybody may know the MAC addresses of members.
enum class MacAddresses : std::uint8_t { kHidden, kShown };

struct IxfOptions {
  IxfVersion version = IxfVersion::kVersion10;
  std::string timestamp;     // ISO 8601, UTC: "2026-11-21T05:00:00Z"
  std::uint32_t ixf_id = 0;  // in the IX-F database; 0: not there
  MacAddresses macs = MacAddresses::kHidden;
};

// Participants with one AS number are one member. Who has no router is not connected and left out.
// The route server is a member too, with the service ixrouteserver.
boost::json::object export_ixf(const exchange::Exchange& exchange, const IxfOptions& options);

}  // namespace fabrix::interchange
