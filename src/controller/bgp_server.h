// BgpServer: the route server's side of BGP on the network: listens on its addresses, knows
// members' routers by theirs, and runs a BgpConnection for each. Sessions are passive: routers dial
// (RFC 7947 leaves it open; it is the custom). Strangers are refused at accept. Loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/bgp_connection.h"
#include "controller/controller.h"
#include "io/event_loop.h"
#include "io/listener.h"

namespace fabrix::controller {

// A session for people.
struct SessionView {
  bgp::SessionState state = bgp::SessionState::kIdle;
  std::chrono::steady_clock::time_point since;  // of this state being established or not
  std::string last_error;                       // why the last one ended
  bgp::SessionCounters counters;
  std::optional<bgp::Negotiated> negotiated;
};

class BgpServer {
 public:
  struct Options {
    std::optional<std::uint16_t> port;  // instead of the configuration's; 0 picks one
    std::chrono::seconds hold_time{90};
  };

  // Listens on every address of the route server. Fails if one cannot be bound.
  static Result<std::unique_ptr<BgpServer>> start(io::EventLoop& loop, Controller& controller,
                                                  const Options& options);
  ~BgpServer();
  BgpServer(const BgpServer&) = delete;
  BgpServer& operator=(const BgpServer&) = delete;
  BgpServer(BgpServer&&) = delete;
  BgpServer& operator=(BgpServer&&) = delete;

  // Ends all sessions with Cease "administrative shutdown".
  void shut_down(std::string_view text);

  // The controller has news for this peer.
  void send_updates(routeserver::PeerId peer);

  SessionView view(routeserver::PeerId peer) const;
  // The peer's connection, established or not; null: there is none. Good until the next event.
  const BgpConnection* connection(routeserver::PeerId peer) const {
    return slots_[peer.index()].connection.get();
  }
  std::uint16_t port() const { return listeners_.front().port(); }

 private:
  struct Slot {
    std::unique_ptr<BgpConnection> connection;
    std::chrono::steady_clock::time_point since;
    std::string last_error;
    std::uint64_t serial = 0;  // of the connection, so that late news of an older one is recognised
  };

  BgpServer(io::EventLoop& loop, Controller& controller, const Options& options);
  void accept(io::ByteStream stream);
  void open(routeserver::PeerId peer, io::ByteStream stream);

  io::EventLoop& loop_;
  Controller& controller_;
  Options options_;
  std::vector<Slot> slots_;  // by PeerId
  std::vector<io::Listener> listeners_;
  std::shared_ptr<BgpServer*> self_;
};

}  // namespace fabrix::controller
