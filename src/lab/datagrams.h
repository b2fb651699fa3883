// Sockets for the datagrams that a lab sends itself.
#pragma once

#include <string>

#include "base/result.h"
#include "io/file_descriptor.h"
#include "io/socket_address.h"

namespace fabrix::lab {

// A UDP socket of the namespace, bound there, that does not block; port 0: some free one.
Result<io::FileDescriptor> open_datagrams(const std::string& network_namespace,
                                          const io::IpEndpoint& local);

}  // namespace fabrix::lab
