// The exchange of tests/api/world.h with a watch on it, whose sessions say what a test lets them
// say, and an observer that writes down what it is told.
#pragma once

#include <string>
#include <vector>

#include "daemon/session_watch.h"
#include "tests/api/world.h"

namespace fabrix::daemon::testing {

class Listener final : public monitoring::Observer {
 public:
  void peer_up(const monitoring::PeerSession& session) override {
    heard.push_back("up " + session.address.to_string());
  }
  void peer_down(monitoring::PeerKey peer, const monitoring::DownReason& reason,
                 monitoring::Timestamp /*time*/) override {
    heard.push_back("down " + std::to_string(peer.value) + " reason " +
                    std::to_string(reason.index()));
  }
  void routes_changed(const monitoring::RouteChange& change) override {
    std::string text = std::to_string(change.peer.value) + ":";
    for (const net::Prefix& prefix : change.prefixes) text += " " + prefix.to_string();
    heard.push_back(text + " " + word(change.before) + "->" +
                    (change.now ? word(change.now->state) : "none"));
  }
  void routes_judged(const monitoring::RouteChange& change) override {
    routes_changed(change);
    heard.back().insert(0, "judged ");
  }
  void end_of_rib(monitoring::PeerKey peer, net::Family family,
                  monitoring::Timestamp /*time*/) override {
    heard.push_back("end " + std::to_string(peer.value) +
                    (family == net::Family::kIpv4 ? " ipv4" : " ipv6"));
  }
  void statistics(monitoring::PeerKey peer, std::span<const monitoring::Statistic> values,
                  monitoring::Timestamp /*time*/) override {
    std::string text = "statistics " + std::to_string(peer.value);
    for (const auto& one : values) text += " " + std::to_string(one.value);
    heard.push_back(text);
  }

  std::vector<std::string> heard;

 private:
  static std::string word(std::optional<monitoring::RouteState> state) {
    if (!state) return "none";
    return *state == monitoring::RouteState::kAccepted ? "accepted" : "filtered";
  }
};

// The sessions of World are fakes: this is what is told of them.
inline SessionWords fake_words(const controller::Controller& controller) {
  SessionWords words;
  words.session = [&controller](routeserver::PeerId peer) {
    const auto& known = controller.route_server().peer(peer);
    monitoring::PeerSession session;
    session.key = monitoring::PeerKey{peer.value};
    session.address = known.address;
    session.local_address = controller.exchange().route_server.addresses.front();
    session.received_open = {.my_as = known.asn, .bgp_identifier = peer.value + 1U};
    session.sent_open = {.my_as = controller.exchange().asn, .bgp_identifier = 99};
    return std::optional(session);
  };
  words.down = [](routeserver::PeerId) -> monitoring::DownReason {
    return monitoring::RemoteClosed{};
  };
  return words;
}

}  // namespace fabrix::daemon::testing
