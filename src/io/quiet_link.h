// Interfaces by which the kernel says nothing of its own: no router solicitations, no multicast
// listener reports, no duplicate address detection (RFC 4861, RFC 3810, RFC 4862).
#pragma once

#include <string>

#include "base/result.h"

namespace fabrix::io {

// Takes IPv6 from an interface of the calling thread's namespace, with its addresses. Success where
// there is none.
Result<void> quiet_link(const std::string& link);

}  // namespace fabrix::io
