// NeighborSession: the session with one router: its connections, of which one at most is
// established, and what it is told.
//
//   RFC 4271 §6.8   of two connections, one of each side's making, the identifiers decide; of two
//                   that the router made, the newer stays
//   RFC 4486        what the router is told when its session ends
//
// At most two connections are on their way at a time, one accepted and one dialled. A router that
// passed its limit is refused for a minute. Loop's thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/event_loop.h"
#include "speaker/connection.h"
#include "speaker/neighbor.h"
#include "speaker/outbox.h"

namespace fabrix::speaker {

struct SpeakerHandlers;

class NeighborSession final : private Connection::Owner {
 public:
  static constexpr std::chrono::seconds kRedial{5};
  static constexpr std::chrono::seconds kBarred{60};

  // The handlers must outlive it.
  NeighborSession(io::EventLoop& loop, const SpeakerHandlers& handlers, NeighborOptions options);
  ~NeighborSession() override;
  NeighborSession(const NeighborSession&) = delete;
  NeighborSession& operator=(const NeighborSession&) = delete;
  NeighborSession(NeighborSession&&) = delete;
  NeighborSession& operator=(NeighborSession&&) = delete;

  // Other ones end the session.
  void configure(const NeighborOptions& options);
  const NeighborOptions& options() const { return options_; }

  // The router has connected.
  void accept(io::ByteStream stream);

  // Ends whatever there is.
  void end(const bgp::NotificationMessage& notification);

  const Outbox& outbox() const { return outbox_; }
  void announce(const net::Prefix& prefix, const Announcement& route);
  bool withdraw(const net::Prefix& prefix);
  void announce_flow(const bgp::FlowSpecRule& rule, const FlowAnnouncement& flow);
  bool withdraw_flow(const bgp::FlowSpecRule& rule);

  NeighborView view() const;

 private:
  void opened(Connection& connection) override;
  void established(Connection& connection) override;
  void updated(Connection& connection, const bgp::UpdateMessage& update) override;
  void refresh_wanted(net::Family family, bgp::Safi safi) override;
  std::vector<std::byte> next_messages() override { return outbox_.next(); }
  void ended(Connection& connection, const std::string& reason) override;

  bgp::SessionConfig config() const;
  std::unique_ptr<Connection>& opening(Connection::Origin origin);
  std::array<std::unique_ptr<Connection>*, 3> all();
  void begin(Connection::Origin origin, io::ByteStream stream);
  bool prevails(const Connection& connection, const Connection& rival) const;
  void dial();
  void send_soon();
  void discard(std::unique_ptr<Connection> connection);

  io::EventLoop& loop_;
  const SpeakerHandlers& handlers_;
  NeighborOptions options_;
  Outbox outbox_;
  std::unique_ptr<Connection> established_;
  std::array<std::unique_ptr<Connection>, 2> opening_;  // by Origin
  std::vector<std::unique_ptr<Connection>> discarded_;  // until the loop's next turn
  std::optional<io::Connector> connector_;
  io::Timer redial_;
  io::Timer sending_;
  io::Timer sweeping_;  // what is discarded
  std::optional<io::Clock::time_point> barred_until_;
  NeighborView told_;  // what stays from one session to the next, and of the one at hand
};

}  // namespace fabrix::speaker
