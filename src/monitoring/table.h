// What a monitor of the route server sees: sessions, routes, and how they change. And the two
// interfaces through which it sees them: TableSource, which it asks, and Observer, which is told.
//
// Whoever owns the table implements TableSource; the MRT and BMP writers implement Observer or are
// driven by one. Nothing here knows how routes are stored.
//
// Values; the interfaces are called on the thread of the table's owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/strong_id.h"
#include "bgp/family_set.h"
#include "bgp/notification_message.h"
#include "bgp/open_message.h"
#include "bgp/path_attributes.h"
#include "bgp/session.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::monitoring {

// 1970 to 2106: both formats count seconds in 32 bits.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// The part of a Timestamp that both formats write first, and what is left of the second.
std::uint32_t seconds_of(Timestamp time);
std::uint32_t microseconds_of(Timestamp time);

// The source's name for a peer: stable as long as the peer has a session or routes.
using PeerKey = StrongId<struct PeerKeyTag, std::uint32_t>;

// A session, or the last one of a peer whose stale routes are kept (RFC 4724).
struct PeerSession {
  PeerKey key;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress local_address = net::IpAddress::unspecified(net::Family::kIpv4);  // same family
  std::uint16_t port = 0;
  std::uint16_t local_port = 0;
  bgp::OpenMessage received_open;  // names the peer's AS and BGP identifier
  bgp::OpenMessage sent_open;      // names ours
  Timestamp since;
  bool established = true;
  bool keeps_routes = false;  // from the session before: in the table when this one came up

  friend bool operator==(const PeerSession&, const PeerSession&) = default;
};

// The families whose unicast routes both OPENs offer; IPv4 is offered by one that offers none
// (RFC 4760 §8).
bgp::FamilySet shared_families(const PeerSession& session);

// What the import policy made of a route.
enum class RouteState : std::uint8_t { kAccepted, kFiltered };

// One peer's route for some prefix.
struct Route {
  PeerKey peer;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  bgp::AttributesPtr attributes;  // as received; not null
  bgp::AttributesPtr imported;    // as the import policy left them; null: as received
  Timestamp received;
  RouteState state = RouteState::kAccepted;
};

// All routes of one prefix.
struct PrefixRoutes {
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  std::span<const Route> routes;  // good until the next call of the walk that showed them
};

// One walk over a table that may change meanwhile. A prefix whose routes stay as they are is shown
// once; one that changes is shown as it is when its turn comes, or not at all if it came too late.
class TableWalk {
 public:
  TableWalk() = default;
  TableWalk(const TableWalk&) = delete;
  TableWalk& operator=(const TableWalk&) = delete;
  TableWalk(TableWalk&&) = delete;
  TableWalk& operator=(TableWalk&&) = delete;
  virtual ~TableWalk() = default;

  // The next prefix; none: that was all. Cheap enough to be called some thousand times in a row.
  virtual std::optional<PrefixRoutes> next() = 0;
};

class TableSource {
 public:
  TableSource() = default;
  TableSource(const TableSource&) = delete;
  TableSource& operator=(const TableSource&) = delete;
  TableSource(TableSource&&) = delete;
  TableSource& operator=(TableSource&&) = delete;
  virtual ~TableSource() = default;

  // Every peer that is established or has routes in the table. Keys are unique.
  virtual std::vector<PeerSession> peers() const = 0;

  // The walk may outlive this call, and further walks may be under way; the source outlives it.
  virtual std::unique_ptr<TableWalk> walk() const = 0;
};

// Why a session ended (RFC 7854 §4.9).
struct LocalNotification {
  bgp::NotificationMessage notification;
  friend bool operator==(const LocalNotification&, const LocalNotification&) = default;
};
struct LocalEvent {
  std::uint16_t fsm_event = 0;  // RFC 4271 §8.1; 0: none fits
  friend bool operator==(const LocalEvent&, const LocalEvent&) = default;
};
struct RemoteNotification {
  bgp::NotificationMessage notification;
  friend bool operator==(const RemoteNotification&, const RemoteNotification&) = default;
};
struct RemoteClosed {  // without a word
  friend bool operator==(const RemoteClosed&, const RemoteClosed&) = default;
};
struct PeerDeconfigured {  // it may live on, but is no longer reported
  friend bool operator==(const PeerDeconfigured&, const PeerDeconfigured&) = default;
};
using DownReason =
    std::variant<LocalNotification, LocalEvent, RemoteNotification, RemoteClosed, PeerDeconfigured>;

DownReason down_reason(const bgp::Down& down);

// A change of one peer's routes for some prefixes of one family, alike for all of them.
struct RouteChange {
  PeerKey peer;
  std::span<const net::Prefix> prefixes;  // not empty
  std::optional<Route> now;               // none: withdrawn
  std::optional<RouteState> before;       // of the routes that this replaces; none: there were none
  Timestamp time;
};

// RFC 7854 §4.8, RFC 8671 §6.2: counters and gauges of one peer.
enum class StatisticType : std::uint16_t {
  kRejectedByInboundPolicy = 0,
  kDuplicateAdvertisements = 1,
  kDuplicateWithdraws = 2,
  kClusterListLoop = 3,
  kAsPathLoop = 4,
  kOriginatorIdLoop = 5,
  kConfederationLoop = 6,
  kAdjRibIn = 7,
  kLocRib = 8,
  kAdjRibInOfFamily = 9,
  kLocRibOfFamily = 10,
  kUpdatesTreatedAsWithdraw = 11,
  kPrefixesTreatedAsWithdraw = 12,
  kDuplicateUpdates = 13,
  kAdjRibOutPrePolicy = 14,
  kAdjRibOutPostPolicy = 15,
  kAdjRibOutPrePolicyOfFamily = 16,
  kAdjRibOutPostPolicyOfFamily = 17,
};

struct Statistic {
  StatisticType type = StatisticType::kRejectedByInboundPolicy;
  net::Family family = net::Family::kIpv4;  // counts only with the types ...OfFamily; unicast
  std::uint64_t value = 0;                  // counters are cut to 32 bits, gauges have 64

  friend bool operator==(const Statistic&, const Statistic&) = default;
};

// Is told of everything, in the order in which it happened.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  Observer(Observer&&) = delete;
  Observer& operator=(Observer&&) = delete;
  virtual ~Observer() = default;

  virtual void peer_up(const PeerSession& session) = 0;

  // The peer's routes go with it, or stay as stale ones; no RouteChange says so.
  virtual void peer_down(PeerKey peer, const DownReason& reason, Timestamp time) = 0;

  virtual void routes_changed(const RouteChange& change) = 0;

  // The import policy judges routes otherwise that are, as received, what they were. There are some
  // now.
  virtual void routes_judged(const RouteChange& change) = 0;

  // The peer has sent all its initial routes of a family.
  virtual void end_of_rib(PeerKey peer, net::Family family, Timestamp time) = 0;

  virtual void statistics(PeerKey peer, std::span<const Statistic> values, Timestamp time) = 0;
};

}  // namespace fabrix::monitoring
