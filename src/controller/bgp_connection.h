// BgpConnection: one TCP connection with a member's router: a bgp::Session on an io::ByteStream.
//
// It turns the session's events into calls on the controller, and what the controller has to tell
// into UPDATEs while the stream takes them. A stream that is congested is left alone until it
// drains: what changed meanwhile stays a mark per prefix in the route server. Loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bgp/session.h"
#include "controller/controller.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"
#include "routeserver/route.h"

namespace fabrix::controller {

class BgpConnection {
 public:
  // Called from the loop when the connection is over; the connection may be destroyed then.
  using OnOver = std::function<void(const std::string& reason)>;

  // The controller must outlive the connection.
  BgpConnection(io::EventLoop& loop, Controller& controller, routeserver::PeerId peer,
                const bgp::SessionConfig& config, io::ByteStream stream, OnOver on_over);
  ~BgpConnection();
  BgpConnection(const BgpConnection&) = delete;
  BgpConnection& operator=(const BgpConnection&) = delete;
  BgpConnection(BgpConnection&&) = delete;
  BgpConnection& operator=(BgpConnection&&) = delete;

  void start();

  // Sends what the route server has for this peer, as far as the stream takes it.
  void send_updates();

  // Ends the session with a NOTIFICATION. on_over follows.
  void stop(const bgp::NotificationMessage& notification);

  const bgp::Session& session() const { return session_; }
  const io::Endpoint& local() const { return stream_.local(); }
  const io::Endpoint& remote() const { return stream_.peer(); }
  // How it ended; none: it has not.
  const std::optional<bgp::Down>& down() const { return down_; }

 private:
  void handle(bgp::SessionOutput output);
  void handle(const bgp::SessionEvent& event);
  void take(const bgp::UpdateMessage& update);
  std::size_t send_some();
  void resume_soon();
  void tick();
  void arm_timer();
  void over(const std::string& reason);

  io::EventLoop& loop_;
  Controller& controller_;
  routeserver::PeerId peer_;
  bgp::Session session_;
  io::ByteStream stream_;
  io::Timer timer_;
  OnOver on_over_;
  // What is posted to the loop must not reach us when we are gone.
  std::shared_ptr<BgpConnection*> self_;
  std::optional<bgp::Down> down_;
  bool announced_ = false;  // the controller knows the session as up
  bool over_ = false;
};

}  // namespace fabrix::controller
