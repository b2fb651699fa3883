#include "controller/openflow_server.h"

#include <utility>

#include "io/log.h"

namespace fabrix::controller {

OpenFlowServer::OpenFlowServer(io::EventLoop& loop, fabric::OpenFlowFabric& fabric)
    : fabric_(fabric), timer_(loop, [this] {
        fabric_.tick(io::EventLoop::now());
        flush();
      }) {
  fabric_.on_output = [this] { flush(); };
  fabric_.on_event = [](const std::string& text) { io::log_info("openflow", text); };
}

OpenFlowServer::~OpenFlowServer() {
  fabric_.on_output = nullptr;
  fabric_.on_event = nullptr;
  fabric_.disconnected();
}

Result<std::unique_ptr<OpenFlowServer>> OpenFlowServer::start(io::EventLoop& loop,
                                                              fabric::OpenFlowFabric& fabric,
                                                              const io::Endpoint& local) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<OpenFlowServer> server(new OpenFlowServer(loop, fabric));
  OpenFlowServer* const self = server.get();
  FABRIX_TRY(auto listener, io::Listener::listen(loop, local, {}, [self](io::ByteStream stream) {
               self->accept(std::move(stream));
             }));
  server->listener_.emplace(std::move(listener));
  return server;
}

void OpenFlowServer::accept(io::ByteStream stream) {
  drop();
  stream_.emplace(std::move(stream));
  stream_->start({.on_data =
                      [this](std::span<const std::byte> bytes) {
                        fabric_.feed(bytes, io::EventLoop::now());
                        flush();
                      },
                  .on_end = [this](const io::StreamEnd&) { drop(); },
                  .on_drained = [this] { flush(); }});
  fabric_.connected(io::EventLoop::now());
  flush();
}

void OpenFlowServer::tell(Severity severity, const std::string& text) const {
  if (fabric_.on_notice) fabric_.on_notice(severity, text);
}

void OpenFlowServer::mind_connection() {
  if (!fabric_.is_connected()) return;
  if (std::exchange(told_, Told::kConnected) == Told::kGone) {
    tell(Severity::kNote, "the switch is connected again");
  }
}

void OpenFlowServer::flush() {
  if (!stream_) return;
  mind_connection();
  while (!stream_->congested()) {
    const auto bytes = fabric_.take_output();
    if (bytes.empty()) break;
    if (!stream_->write(bytes)) break;  // Broken: on_end follows.
  }
  if (fabric_.wants_close())
    drop();
  else
    arm_timer();
}

void OpenFlowServer::drop() {
  timer_.cancel();
  if (!stream_) return;
  stream_.reset();
  fabric_.disconnected();
  if (told_ != Told::kConnected) return;
  told_ = Told::kGone;
  tell(Severity::kWarning, "the switch is gone: if it runs, it forwards as it did");
}

void OpenFlowServer::arm_timer() {
  if (const auto deadline = fabric_.deadline())
    timer_.start_at(*deadline);
  else
    timer_.cancel();
}

}  // namespace fabrix::controller
