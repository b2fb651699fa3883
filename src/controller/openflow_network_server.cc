#include "controller/openflow_network_server.h"

#include <utility>
#include <vector>

#include "io/log.h"

namespace fabrix::controller {

OpenFlowNetworkServer::OpenFlowNetworkServer(io::EventLoop& loop, fabric::OpenFlowNetwork& network)
    : network_(network),
      timer_(loop,
             [this] {
               network_.tick(io::EventLoop::now());
               flush();
             }),
      output_(loop, [this] { flush(); }) {
  network_.on_output = [this] {
    if (!output_.is_running()) output_.start(io::Clock::duration::zero());
  };
  network_.on_event = [](const std::string& text) { io::log_info("openflow", text); };
}

OpenFlowNetworkServer::~OpenFlowNetworkServer() {
  network_.on_output = nullptr;
  network_.on_event = nullptr;
  for (const auto& [id, stream] : streams_) network_.disconnected(id);
}

Result<std::unique_ptr<OpenFlowNetworkServer>> OpenFlowNetworkServer::start(
    io::EventLoop& loop, fabric::OpenFlowNetwork& network, const io::Endpoint& local) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<OpenFlowNetworkServer> server(new OpenFlowNetworkServer(loop, network));
  OpenFlowNetworkServer* const self = server.get();
  FABRIX_TRY(auto listener, io::Listener::listen(loop, local, {}, [self](io::ByteStream stream) {
               self->accept(std::move(stream));
             }));
  server->listener_.emplace(std::move(listener));
  return server;
}

void OpenFlowNetworkServer::accept(io::ByteStream stream) {
  if (streams_.size() >= kMostConnections) {
    io::log_warning("openflow", "too many connections: hung up on one");
    return;
  }
  const ConnectionId id = network_.connected(io::EventLoop::now());
  auto& kept = streams_.emplace(id, std::move(stream)).first->second;
  kept.start({.on_data =
                  [this, id](std::span<const std::byte> bytes) {
                    network_.feed(id, bytes, io::EventLoop::now());
                  },
              .on_end = [this, id](const io::StreamEnd&) { end(id); },
              .on_drained = [this] { flush(); }});
}

void OpenFlowNetworkServer::flush() {
  output_.cancel();
  std::vector<ConnectionId> over;
  for (auto& [id, stream] : streams_) {
    if (!flush(id, stream)) over.push_back(id);
  }
  for (const ConnectionId id : over) end(id);
  arm_timer();
}

bool OpenFlowNetworkServer::flush(ConnectionId id, io::ByteStream& stream) {
  while (!stream.congested()) {
    const auto bytes = network_.take_output(id);
    if (bytes.empty()) break;
    if (!stream.write(bytes)) break;  // Broken: on_end follows.
  }
  return !network_.wants_close(id);
}

void OpenFlowNetworkServer::end(ConnectionId id) {
  streams_.erase(id);
  network_.disconnected(id);
}

void OpenFlowNetworkServer::arm_timer() {
  if (const auto deadline = network_.deadline())
    timer_.start_at(*deadline);
  else
    timer_.cancel();
}

}  // namespace fabrix::controller
