#include "monitoring/table.h"

namespace fabrix::monitoring {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

bgp::FamilySet offered(const bgp::OpenMessage& open) {
  bgp::FamilySet families;
  bool any = false;
  for (const bgp::Capability& capability : open.capabilities) {
    const auto* const offer = std::get_if<bgp::Multiprotocol>(&capability);
    if (offer == nullptr) continue;
    any = true;
    if (offer->safi != bgp::Safi::kUnicast) continue;
    families.ipv4 |= offer->afi == static_cast<std::uint16_t>(net::Family::kIpv4);
    families.ipv6 |= offer->afi == static_cast<std::uint16_t>(net::Family::kIpv6);
  }
  return any ? families : bgp::FamilySet{.ipv4 = true, .ipv6 = false};
}

}  // namespace

std::uint32_t seconds_of(Timestamp time) {
  const auto count = std::chrono::floor<seconds>(time).time_since_epoch().count();
  return static_cast<std::uint32_t>(count);
}

std::uint32_t microseconds_of(Timestamp time) {
  const microseconds rest = time - std::chrono::floor<seconds>(time);
  return static_cast<std::uint32_t>(rest.count());
}

bgp::FamilySet shared_families(const PeerSession& session) {
  return bgp::intersection(offered(session.received_open), offered(session.sent_open));
}

DownReason down_reason(const bgp::Down& down) {
  if (down.sent) return LocalNotification{*down.sent};
  if (down.received) return RemoteNotification{*down.received};
  return RemoteClosed{};
}

}  // namespace fabrix::monitoring
