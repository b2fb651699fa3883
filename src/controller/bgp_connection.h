// BgpConnection: one TCP connection with a member's router: a bgp::Session on an io::ByteStream.
//
// It turns the session's events into calls on the controller, and what the controller has to tell
// into UPDATEs while the stream takes them. A stream that is congested is left alone until it
// drains: what changed meanwhile stays a mark per prefix in the route server. What concerns other
// connections, or time after its end, is its owner's business.
//
// RFC 9687 §3: the send hold timer runs from the last octet that the peer acknowledged, so a window
// that stays closed is noticed although the kernel still takes what we write. An exception that
// comes out of a connection's work (memory is short, or a library throws) ends this session with a
// Cease, no other. Loop's thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bgp/session.h"
#include "controller/controller.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"
#include "routeserver/route.h"

namespace fabrix::controller {

class BgpConnection {
 public:
  // How it ended.
  struct Ending {
    bgp::Down down;
    std::optional<bgp::Negotiated> agreed;  // none: it was not established
    bgp::FamilySet kept;                    // whose routes the route server has kept as stale
    std::string fault;                      // the exception that ended it; empty: none did
  };

  // Called from within the connection, which must not be destroyed by it.
  class Owner {
   public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    Owner(Owner&&) = delete;
    Owner& operator=(Owner&&) = delete;
    virtual ~Owner() = default;

    // The peer's OPEN came and is good, and nothing follows from it yet: the time to resolve
    // collisions (RFC 4271 §6.8). The connection may be stopped.
    virtual void opened(BgpConnection& connection) = 0;
    // Before the controller knows. It may not be stopped.
    virtual void established(BgpConnection& connection) = 0;
    // What an UPDATE brought is with the route server. The connection may be stopped.
    virtual void took(BgpConnection& connection, const routeserver::UpdateOutcome& outcome) = 0;
    virtual void end_of_rib(net::Family family) = 0;
    virtual void refresh_began(net::Family family) = 0;
    virtual void refresh_ended(net::Family family) = 0;
    // Last of all, once. The controller knows.
    virtual void ended(BgpConnection& connection, const Ending& ending) = 0;
    // Whether routes may be sent at present.
    virtual bool may_send() const = 0;
  };

  // The controller and the owner must outlive the connection.
  BgpConnection(io::EventLoop& loop, Controller& controller, routeserver::PeerId peer,
                const bgp::SessionConfig& config, io::ByteStream stream, Owner& owner);
  ~BgpConnection();
  BgpConnection(const BgpConnection&) = delete;
  BgpConnection& operator=(const BgpConnection&) = delete;
  BgpConnection(BgpConnection&&) = delete;
  BgpConnection& operator=(BgpConnection&&) = delete;

  // `received` has been read of the stream already.
  void start(std::span<const std::byte> received = {});

  // Sends what the controller has for this peer, as far as the stream takes it.
  void send_updates();

  // Asks the peer for all its routes again, of every family; nothing unless it is established and
  // the peer knows how.
  void request_refresh();

  // Ends the session with a NOTIFICATION. That is our decision: no routes are kept.
  void stop(const bgp::NotificationMessage& notification);

  // Closes the connection as if the peer had: a newer one takes its place (RFC 4724 §4.2).
  void give_way();

  const bgp::Session& session() const { return session_; }
  const io::Endpoint& local() const { return stream_.local(); }
  const io::Endpoint& remote() const { return stream_.peer(); }
  // How it ended; none: it has not.
  const std::optional<bgp::Down>& down() const { return down_; }
  // UPDATE messages of routes and rules that were handed to the stream.
  std::uint64_t updates_sent() const { return updates_sent_; }

 private:
  void handle(bgp::SessionOutput output);
  void handle(const bgp::SessionEvent& event);
  void establish(const bgp::Established& peer);
  void take(const bgp::UpdateMessage& update);
  std::size_t send_some();
  std::size_t send_flowspec();
  void resume_soon();
  void send_what_fits();
  template <typename Work>
  void contain(Work&& work);
  void fail_alone(std::string_view what);
  void tick();
  void look_at_time();
  void arm_timer();
  void over(const bgp::Down& down);

  io::EventLoop& loop_;
  Controller& controller_;
  routeserver::PeerId peer_;
  bgp::Session session_;
  io::ByteStream stream_;
  io::Timer timer_;
  Owner& owner_;
  // What is posted to the loop must not reach us when we are gone.
  std::shared_ptr<BgpConnection*> self_;
  std::optional<bgp::Down> down_;
  std::optional<bgp::Negotiated> agreed_;         // while the controller knows the session as up
  std::optional<io::Clock::time_point> look_at_;  // when to ask whether the peer still takes octets
  std::string fault_;
  std::uint64_t updates_sent_ = 0;
  bool opened_ = false;   // the owner knows of the peer's OPEN
  bool stopped_ = false;  // by us
  bool over_ = false;
};

}  // namespace fabrix::controller
