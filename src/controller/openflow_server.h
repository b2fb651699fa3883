// OpenFlowServer: the controller's listening end for the switch: connects an OpenFlowFabric to the
// network. The newest connection counts. The fabric's on_notice tells when it is over, and when
// there is one again. Loop's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "fabric/openflow_fabric.h"
#include "io/byte_stream.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/listener.h"

namespace fabrix::controller {

class OpenFlowServer {
 public:
  // The fabric must outlive the server, which takes over its connection.
  static Result<std::unique_ptr<OpenFlowServer>> start(io::EventLoop& loop,
                                                       fabric::OpenFlowFabric& fabric,
                                                       const io::Endpoint& local);
  ~OpenFlowServer();
  OpenFlowServer(const OpenFlowServer&) = delete;
  OpenFlowServer& operator=(const OpenFlowServer&) = delete;
  OpenFlowServer(OpenFlowServer&&) = delete;
  OpenFlowServer& operator=(OpenFlowServer&&) = delete;

 private:
  OpenFlowServer(io::EventLoop& loop, fabric::OpenFlowFabric& fabric);
  void accept(io::ByteStream stream);
  void flush();
  void drop();
  void arm_timer();
  void mind_connection();
  void tell(Severity severity, const std::string& text) const;

  enum class Told : std::uint8_t { kNothing, kConnected, kGone };

  fabric::OpenFlowFabric& fabric_;
  Told told_ = Told::kNothing;  // what people know of the switch
  std::optional<io::ByteStream> stream_;
  io::Timer timer_;
  std::optional<io::Listener> listener_;
};

}  // namespace fabrix::controller
