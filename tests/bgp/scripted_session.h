// A session of the route server with a peer written by hand: what the peer says is octets, what the
// session answers is looked at.
#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "bgp/message_header.h"
#include "bgp/session.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {

inline Bytes keepalive_message() {
  return encode_message(MessageType::kKeepalive, {});
}

inline Bytes open_message(const OpenMessage& open) {
  ByteWriter body;
  encode_open(open, body);
  return encode_message(MessageType::kOpen, body.view());
}

// AS 64500, both families, and `capabilities`.
inline OpenMessage client_open(std::vector<Capability> capabilities = {}) {
  OpenMessage open{.my_as = net::Asn{64500}, .bgp_identifier = 0xc0000201};
  open.capabilities = {Multiprotocol{.afi = 1, .safi = Safi::kUnicast},
                       Multiprotocol{.afi = 2, .safi = Safi::kUnicast}};
  open.capabilities.insert(open.capabilities.end(), capabilities.begin(), capabilities.end());
  return open;
}

inline SessionConfig route_server_config() {
  return {.local_as = net::Asn{65000}, .bgp_identifier = 0x0a000001, .peer_as = net::Asn{64500}};
}

struct ScriptedSession {
  explicit ScriptedSession(const SessionConfig& config) : session(config) {}

  SessionOutput feed(const Bytes& octets) { return session.received(octets, now); }

  SessionOutput tick(std::chrono::seconds passed) {
    now += passed;
    return session.timer(now);
  }

  void establish(const OpenMessage& open = client_open()) {
    session.connected(now);
    feed(open_message(open));
    feed(keepalive_message());
  }

  Session session;
  TimePoint now{};
};

template <typename Event>
const Event* only_event(const SessionOutput& output) {
  return output.events.size() == 1 ? std::get_if<Event>(output.events.data()) : nullptr;
}

// The NOTIFICATION that the session ended with; {0, 0} if it did not end with one.
inline NotificationCode code_sent(const SessionOutput& output) {
  if (output.events.empty()) return {};
  const auto* const down = std::get_if<Down>(&output.events.back());
  return down != nullptr && down->sent ? down->sent->code : NotificationCode{};
}

}  // namespace fabrix::bgp
