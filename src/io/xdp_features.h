// What interfaces' drivers can do with frames at XDP, as the kernel says (Linux 6.3 and newer,
// Documentation/netlink/specs/netdev.yaml).
#pragma once

#include <cstdint>
#include <set>

#include "base/result.h"
#include "io/netlink_socket.h"

namespace fabrix::io {

// Indexes of the interfaces of the socket's namespace that frames may be sent by at XDP
// (ndo_xdp_xmit). It may change while they are there: a veth's does with the GRO of its other end.
// `netlink` is NetlinkSocket::open_generic()'s. Fails with what the kernel said.
Result<std::set<std::uint32_t>> list_xdp_senders(NetlinkSocket& netlink);

}  // namespace fabrix::io
