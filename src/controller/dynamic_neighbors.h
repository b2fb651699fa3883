// DynamicNeighbors: sessions from prefixes instead of from listed addresses: who comes from one
// waits until its OPEN says which AS it is, and is then made a neighbour; neighbours that are gone
// are taken away.
//
//   RFC 4271 §8.1.1   our OPEN goes after the peer's, as with DelayOpen; §6.2 the wrong AS: 2/2
//   RFC 4271 §6.8     of two connections that wait from one address, the newer stays
//   RFC 4486 §4       no room within the range's limit: 6/5; none in the exchange: 6/8
//
// Bounded: who waits, for how long, and how many are let in to wait in a second; the neighbours by
// their range's limit. Making and taking away changes the exchange, which costs what a reload
// costs: it is done for all at once, and a tenth of the time at most is spent with it. Loop's
// thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bgp/notification_message.h"
#include "controller/arrival.h"
#include "controller/controller.h"
#include "exchange/dynamic_neighbors.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"
#include "routeserver/peer.h"

namespace fabrix::controller {

class DynamicNeighbors {
 public:
  static constexpr std::size_t kMostWaiting = 512;

  struct Times {
    std::chrono::milliseconds patience{60'000};  // for an OPEN
    std::chrono::milliseconds spacing{1000};     // between changes of the exchange
    std::chrono::milliseconds linger{5000};      // how long one that is gone may come back
    std::size_t most_in_a_second = 64;           // connections; more are closed without a word
  };

  // Who has the sessions.
  struct Host {
    std::function<void()> reconfigured;  // the controller has another exchange
    std::function<void(routeserver::PeerId, Arrival)> arrived;
    // Nothing is left of the session and its routes, and nothing bars its peer.
    std::function<bool(routeserver::PeerId)> is_gone;
  };

  DynamicNeighbors(io::EventLoop& loop, Controller& controller, const Times& times, Host host);

  // Whether a connection from this address may be let in to wait.
  bool admits(const net::IpAddress& address) const;
  void accept(io::ByteStream stream, const net::IpAddress& address);
  void shut_down();

  std::size_t waiting() const { return guests_.size(); }

 private:
  struct Guest {
    io::ByteStream stream;
    std::vector<std::byte> received;
    std::optional<net::Asn> asn;  // its OPEN has come
    io::Clock::time_point since;
  };
  using Guests = std::map<net::IpAddress, Guest>;

  const exchange::Exchange& exchange() const { return controller_.exchange(); }
  bool is_one_too_many(io::Clock::time_point now);
  void make_room();
  void heard(const net::IpAddress& address, std::span<const std::byte> bytes);
  void judge(const net::IpAddress& address);
  void dismiss(const net::IpAddress& address, const bgp::NotificationMessage& notification);
  void tick();
  void forget_the_silent(io::Clock::time_point now);
  bool note_gone(io::Clock::time_point now);
  void change_soon();
  void change();
  bool take_away(exchange::Exchange& next, io::Clock::time_point now);
  std::vector<net::IpAddress> let_in(exchange::Exchange& next);
  void hand_over(const net::IpAddress& address);

  io::EventLoop& loop_;
  Controller& controller_;
  Times times_;
  Host host_;
  io::Timer tick_timer_;
  io::Timer change_timer_;
  Guests guests_;
  std::map<routeserver::PeerId, io::Clock::time_point> gone_;  // since when
  io::Clock::time_point next_change_;
  io::Clock::time_point second_began_;
  std::size_t in_second_ = 0;
};

}  // namespace fabrix::controller
