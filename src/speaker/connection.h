// Connection: one TCP connection with a router: a bgp::Session on an io::ByteStream.
//
// What is to be sent is the owner's, who is asked for it while the stream takes more; what concerns
// other connections is the owner's, too. RFC 9687: the send hold timer runs from the last octet
// that the router acknowledged. Loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bgp/session.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"

namespace fabrix::speaker {

class Connection {
 public:
  enum class Origin : std::uint8_t { kAccepted, kDialled };

  // Called from within the connection, which must not be destroyed by it.
  class Owner {
   public:
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    Owner(Owner&&) = delete;
    Owner& operator=(Owner&&) = delete;
    virtual ~Owner() = default;

    // The router's OPEN came and is good, and nothing follows from it yet: the time to resolve
    // collisions. The connection may be stopped; so it may in the others.
    virtual void opened(Connection& connection) = 0;
    virtual void established(Connection& connection) = 0;
    virtual void updated(Connection& connection, const bgp::UpdateMessage& update) = 0;
    virtual void refresh_wanted(net::Family family, bgp::Safi safi) = 0;
    // The next messages; empty: there are none.
    virtual std::vector<std::byte> next_messages() = 0;
    // Last of all, once.
    virtual void ended(Connection& connection, const std::string& reason) = 0;
  };

  // The owner must outlive it.
  Connection(io::EventLoop& loop, const bgp::SessionConfig& config, Origin origin,
             io::ByteStream stream, Owner& owner);

  void start();

  // Sends what the owner has, as far as the stream takes it. Nothing unless established.
  void send();

  void stop(const bgp::NotificationMessage& notification);

  const bgp::Session& session() const { return session_; }
  Origin origin() const { return origin_; }

 private:
  void handle(const bgp::SessionOutput& output);
  void handle(const bgp::SessionEvent& event);
  void tick();
  void arm_timer();

  bgp::Session session_;
  Origin origin_;
  io::ByteStream stream_;
  io::Timer timer_;
  io::Timer again_;  // others have their turn between
  Owner& owner_;
  std::optional<io::Clock::time_point> look_at_;  // when to ask whether the router takes octets
  bool opened_ = false;                           // the owner knows of its OPEN
  bool over_ = false;
};

}  // namespace fabrix::speaker
