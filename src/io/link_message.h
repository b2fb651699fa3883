// A link as rtnetlink tells of it, for sources of this module.
#pragma once

#include <optional>

#include "io/links.h"
#include "io/netlink_codec.h"

namespace fabrix::io {

// Of one message about links (RTM_NEWLINK); none: it is of something else.
std::optional<Link> read_link(const NetlinkMessage& message);

}  // namespace fabrix::io
