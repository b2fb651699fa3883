// A peer that sends anything, in any portions, with any pauses: the session stays a session. It
// never says more than one Down per connection, speaks whole messages only, and is silent once it
// is down.
//
// Input: per portion one octet of size, one of seconds that pass, then the portion. An octet of
// size 255 stands for a well-behaved peer's OPEN and KEEPALIVE, so that the fuzzer need not find
// them; 254 for those of a peer that offers everything.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/byte_reader.h"
#include "bgp/message_splitter.h"
#include "bgp/open_message.h"
#include "bgp/session.h"
#include "bgp/session_negotiation.h"

namespace fabrix::bgp {
namespace {

constexpr std::uint8_t kHandshake = 255;
constexpr std::uint8_t kGenerousHandshake = 254;

constexpr Multiprotocol kIpv4{.afi = 1, .safi = Safi::kUnicast};
constexpr Multiprotocol kIpv6{.afi = 2, .safi = Safi::kUnicast};

// We offer everything.
SessionConfig generous_config() {
  const FamilySet both{.ipv4 = true, .ipv6 = true};
  SessionConfig config{.local_as = net::Asn{65000}, .bgp_identifier = 2};
  config.flowspec = both;
  config.add_path = both;
  config.extended_next_hop = true;
  config.graceful_restart = GracefulRestartOffer{};
  config.long_lived = LongLivedOffer{.families = both, .stale_time = std::chrono::seconds(60)};
  return config;
}

OpenMessage peer_open(bool generous) {
  OpenMessage open{.my_as = net::Asn{64500}, .bgp_identifier = 1, .capabilities = {kIpv4, kIpv6}};
  if (!generous) return open;
  SessionConfig peer = generous_config();
  peer.local_as = open.my_as;
  return open_for(peer);
}

std::vector<std::byte> handshake(const OpenMessage& open) {
  ByteWriter body;
  encode_open(open, body);
  std::vector<std::byte> bytes = encode_message(MessageType::kOpen, body.view());
  const std::vector<std::byte> keepalive = encode_message(MessageType::kKeepalive, {});
  bytes.insert(bytes.end(), keepalive.begin(), keepalive.end());
  return bytes;
}

void check(const Session& session, const SessionOutput& output) {
  std::span<const std::byte> bytes(output.bytes);
  MessageSplitter splitter;
  while (!bytes.empty()) {
    const auto message = splitter.next(bytes);
    if (!message || !*message) std::abort();
  }
  std::size_t downs = 0;
  for (const SessionEvent& event : output.events) {
    if (std::holds_alternative<Down>(event)) ++downs;
  }
  const bool down = session.state() == SessionState::kIdle;
  if (downs > 1 || (downs == 1) != output.close) std::abort();
  if (output.close && (!down || !std::holds_alternative<Down>(output.events.back()))) std::abort();
  if (down && session.deadline()) std::abort();
}

void run(ByteReader in) {
  Session session(generous_config());
  TimePoint now{};
  check(session, session.connected(now));
  while (!in.at_end() && session.state() != SessionState::kIdle) {
    const std::uint8_t size = in.u8();
    now += std::chrono::seconds(in.u8());
    check(session, session.timer(now));
    if (size == kHandshake || size == kGenerousHandshake) {
      const OpenMessage open = peer_open(size == kGenerousHandshake);
      check(session, session.received(handshake(open), now));
    } else {
      check(session, session.received(in.bytes(std::min<std::size_t>(size, in.remaining())), now));
    }
  }
  check(session, session.closed("end of input"));
}

}  // namespace
}  // namespace fabrix::bgp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::bgp::run(fabrix::ByteReader(std::as_bytes(std::span(data, size))));
  return 0;
}
