// import_ixf(): an IX-F Member Export (euro-ix JSON schemas 0.6 to 1.0), the file by which
// exchanges publish their members, as an exchange.yaml.
//
// The peering LAN is the VLAN with most connections. The route server is whoever has a service of
// type ixrouteserver there. MAC addresses, limits and AS-SETs are taken where given. Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "interchange/draft.h"
#include "interchange/remark.h"

namespace fabrix::interchange {

Result<Imported, Remarks> import_ixf(std::string_view text, std::string_view file);

}  // namespace fabrix::interchange
