// NetlinkSocket: asks the kernel (rtnetlink) and waits for its answer.
//
// A socket belongs for good to the network namespace it was opened in, whoever uses it. Requests
// block, for microseconds as a rule and 5 seconds at most. links.h, addresses.h, routes.h and
// neighbours.h say what can be asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/file_descriptor.h"
#include "io/netlink_codec.h"

namespace fabrix::io {

class NetlinkSocket {
 public:
  // In the named namespace; empty is the calling thread's.
  static Result<NetlinkSocket> open(const std::string& network_namespace = "");

  // Sends one request and awaits the kernel's acknowledgement. `what` begins the error: "what: No
  // such device".
  Result<void> request(NetlinkWriter message, std::string_view what);

  // The same, but an error whose number is `ignored` counts as success.
  Result<void> request_ignoring(NetlinkWriter message, int ignored, std::string_view what);

  // Sends one dump request and collects all that the kernel lists; restarted when the list changed
  // underneath.
  Result<std::vector<NetlinkMessage>> dump(NetlinkWriter message, std::string_view what);

 private:
  explicit NetlinkSocket(FileDescriptor socket) : socket_(std::move(socket)) {}

  Result<int> acknowledged(NetlinkWriter message, std::string_view what);
  Result<std::vector<NetlinkMessage>> receive(std::string_view what);

  FileDescriptor socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace fabrix::io
