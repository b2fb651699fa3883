// Whatever a peer offers, two speakers come to an agreement that holds what Negotiated promises, or
// to none. The first octet chooses what we offer, the rest is the peer's OPEN.
#include <algorithm>
#include <cstdlib>

#include "bgp/session_negotiation.h"

namespace fabrix::bgp {
namespace {

SessionConfig config_of(unsigned choice) {
  SessionConfig config{.local_as = net::Asn{65000}, .bgp_identifier = 1};
  const FamilySet both{.ipv4 = true, .ipv6 = true};
  config.families.ipv6 = (choice & 1U) == 0;
  if ((choice & 2U) == 0) config.flowspec = both;
  if ((choice & 4U) == 0) config.add_path = both;
  config.extended_messages = (choice & 8U) == 0;
  config.extended_next_hop = (choice & 16U) == 0;
  if ((choice & 32U) == 0) config.graceful_restart = GracefulRestartOffer{};
  if (config.graceful_restart && (choice & 64U) == 0) config.long_lived = LongLivedOffer{both, {}};
  if ((choice & 128U) == 0) config.role = Role::kRouteServer;
  return config;
}

bool within(FamilySet part, FamilySet whole) {
  return intersection(part, whole) == part;
}

void check(const SessionConfig& config, const Negotiated& agreed) {
  const bool families = within(agreed.families, config.families) &&
                        within(agreed.flowspec, config.flowspec) &&
                        within(agreed.add_path, intersection(config.add_path, agreed.families));
  if (!families || (agreed.families.empty() && agreed.flowspec.empty())) std::abort();
  if (agreed.extended_messages && !config.extended_messages) std::abort();
  if (agreed.extended_next_hop && !(config.extended_next_hop && agreed.families.ipv4)) std::abort();
  if (agreed.graceful_restart) {
    const PeerRestart& restart = *agreed.graceful_restart;
    const bool sound = config.graceful_restart && within(restart.families, agreed.families) &&
                       within(restart.forwarding_kept, restart.families);
    if (!sound) std::abort();
  }
  if (!agreed.long_lived.empty() && !(config.long_lived && agreed.graceful_restart)) std::abort();
  if (agreed.long_lived.size() > 2) std::abort();
}

void run(unsigned choice, std::span<const std::byte> body) {
  const SessionConfig config = config_of(choice);
  const auto open = decode_open(body);
  if (!open) return;
  const auto agreed = negotiate(config, *open);
  if (agreed) check(config, *agreed);
  // Our own OPEN is one that we would take.
  ByteWriter ours;
  encode_open(open_for(config), ours);
  if (!decode_open(ours.view())) std::abort();
}

}  // namespace
}  // namespace fabrix::bgp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0) fabrix::bgp::run(data[0], std::as_bytes(std::span(data, size)).subspan(1));
  return 0;
}
