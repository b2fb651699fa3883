// OpenFlowNetworkServer: the controller's listening end for several switches: gives each connection
// to an OpenFlowNetwork, which says whose it is and which ones to close.
//
// At most kMostConnections at once; more are hung up on. Loop's thread only.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>

#include "base/result.h"
#include "fabric/openflow_network.h"
#include "io/byte_stream.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/listener.h"

namespace fabrix::controller {

class OpenFlowNetworkServer {
 public:
  static constexpr std::size_t kMostConnections = 512;

  // The network must outlive the server, which takes over its connections.
  static Result<std::unique_ptr<OpenFlowNetworkServer>> start(io::EventLoop& loop,
                                                              fabric::OpenFlowNetwork& network,
                                                              const io::Endpoint& local);
  ~OpenFlowNetworkServer();
  OpenFlowNetworkServer(const OpenFlowNetworkServer&) = delete;
  OpenFlowNetworkServer& operator=(const OpenFlowNetworkServer&) = delete;
  OpenFlowNetworkServer(OpenFlowNetworkServer&&) = delete;
  OpenFlowNetworkServer& operator=(OpenFlowNetworkServer&&) = delete;

 private:
  using ConnectionId = fabric::OpenFlowNetwork::ConnectionId;

  OpenFlowNetworkServer(io::EventLoop& loop, fabric::OpenFlowNetwork& network);
  void accept(io::ByteStream stream);
  void flush();
  // Whether the connection goes on.
  bool flush(ConnectionId id, io::ByteStream& stream);
  void end(ConnectionId id);
  void arm_timer();

  fabric::OpenFlowNetwork& network_;
  std::map<ConnectionId, io::ByteStream> streams_;
  io::Timer timer_;
  io::Timer output_;  // The network tells of output while it works: it is taken when that is over.
  std::optional<io::Listener> listener_;
};

}  // namespace fabrix::controller
