// Offloads of an interface that a user-space switch, or a program at XDP, cannot cope with.
//
// veth hands TCP segments on with unfinished checksums and larger than the MTU; Open vSwitch in
// user space passes them as they are, and every TCP connection through it hangs while ping works.
// The equivalent of `ethtool -K LINK tx off tso off gso off`.
#pragma once

#include <string>

#include "base/result.h"

namespace fabrix::io {

// In the named namespace; empty is the calling thread's.
Result<void> disable_transmit_offload(const std::string& link,
                                      const std::string& network_namespace = "");

// Tags stay in the frames that come in (`ethtool -K LINK rxvlan off`), where a program at XDP sees
// them.
Result<void> keep_tags_in_frames(const std::string& link);

// Makes a veth fit for another end at XDP: it takes what is sent there, and its own frames have
// their tags in them (`ethtool -K LINK gro on txvlan off`).
Result<void> face_xdp(const std::string& link, const std::string& network_namespace = "");

// Whether the kernel computes transmit checksums late on this interface.
Result<bool> transmit_checksum_offload(const std::string& link,
                                       const std::string& network_namespace = "");

}  // namespace fabrix::io
