// NetlinkSocket: asks the kernel (rtnetlink) and waits for its answer.
//
// A socket belongs for good to the network namespace it was opened in, whoever uses it. Requests
// block, for microseconds as a rule and 5 seconds at most. links.h, addresses.h, routes.h,
// owned_routes.h and neighbours.h say what can be asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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
  // For generic netlink: what is asked there says in its own header how.
  static Result<NetlinkSocket> open_generic(const std::string& network_namespace = "");

  // Sends one request and awaits the kernel's acknowledgement. `what` begins the error: "what: No
  // such device".
  Result<void> request(NetlinkWriter message, std::string_view what);

  // The same, but an error whose number (errno) is `ignored` counts as success.
  Result<void> request_ignoring(NetlinkWriter message, int ignored, std::string_view what);

  struct Refused {
    std::size_t request = 0;  // its place among the messages
    int number = 0;           // errno
    std::string text;
  };
  // Sends many requests, a part of them at a time, each of which the kernel acknowledges by itself;
  // what it refused, in no order. What it does not answer counts as refused.
  std::vector<Refused> request_all(std::span<NetlinkWriter> messages);

  // The same for a request that the kernel answers with messages before it acknowledges.
  Result<std::vector<NetlinkMessage>> query(NetlinkWriter message, std::string_view what);

  // Sends one dump request and collects all that the kernel lists; again, a few times, if the list
  // changed meanwhile.
  Result<std::vector<NetlinkMessage>> dump(NetlinkWriter message, std::string_view what);
  // The same, but an error whose number is `ignored` is an empty list.
  Result<std::vector<NetlinkMessage>> dump_ignoring(NetlinkWriter message, int ignored,
                                                    std::string_view what);

  // From now on dumps are of what the request names only (NETLINK_GET_STRICT_CHK).
  void filter_dumps();

 private:
  // Why there is no answer: a number to react to, and words.
  struct Refusal {
    int number = 0;
    std::string text;
  };
  using Answer = Result<std::vector<NetlinkMessage>, Refusal>;

  static Result<NetlinkSocket> open(int protocol, const std::string& network_namespace);
  explicit NetlinkSocket(FileDescriptor socket) : socket_(std::move(socket)) {}

  Answer exchange(NetlinkWriter& message, std::uint16_t flags);
  Answer collect();
  void request_part(std::span<NetlinkWriter> messages, std::size_t first,
                    std::vector<Refused>& refused);
  Result<std::vector<std::byte>, Refusal> receive();
  static Refusal refusal(const NetlinkMessage& message);

  FileDescriptor socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace fabrix::io
