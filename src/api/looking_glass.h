// LookingGlass: what a route server shows of its sessions and routes, to whoever may look. The
// interface between the engine, which implements it, and the APIs that looking glasses read.
//
// Lists of routes are in the engine's order, the routes of a prefix together, and are read in
// batches, each going on after the last route of the one before. Routes may change in between:
// what is there all the while is shown exactly once. Views point into the engine and are good
// until the next call or until the caller returns to the loop. Control thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "bgp/path_attributes.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::api {

// A session that the configuration allows; stable while the configuration is.
using NeighborId = StrongId<struct NeighborTag, std::uint16_t>;

enum class NeighborState : std::uint8_t { kUp, kStarting, kDown };

struct RouteCounts {
  std::uint64_t accepted = 0;   // received and in use
  std::uint64_t filtered = 0;   // received and refused
  std::uint64_t exported = 0;   // sent to the neighbour
  std::uint64_t preferred = 0;  // accepted, and the best of their prefix

  friend bool operator==(const RouteCounts&, const RouteCounts&) = default;
};

// One family that the session carries.
struct NeighborChannel {
  net::Family family = net::Family::kIpv4;
  RouteCounts routes;
  std::uint64_t updates_received = 0;
  std::uint64_t withdrawals_received = 0;
  std::uint64_t updates_sent = 0;
  std::uint64_t withdrawals_sent = 0;
  std::optional<std::uint64_t> max_prefix;
};

struct Neighbor {
  NeighborId id;
  std::string name;  // unique; letters, digits, '_', '-' and '.': it stands in URLs unescaped
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  net::Asn asn;
  std::string description;  // the member's name
  NeighborState state = NeighborState::kDown;
  std::chrono::system_clock::time_point since;  // when the state began
  std::string last_error;                       // in words; empty if there was none
  std::vector<NeighborChannel> channels;
};

struct RouteServerStatus {
  std::string version;
  std::string router_id;
  net::Asn asn;
  std::chrono::system_clock::time_point started;
  std::chrono::system_clock::time_point configured;  // when it last took a configuration
  std::string message;                               // "Fabrix is up and running"
};

// As looking glasses number them: RS:1000:N (Euro-IX).
enum class RpkiState : std::uint8_t { kValid = 1, kUnknown = 2, kNotChecked = 3, kInvalid = 4 };

enum class RouteStatus : std::uint8_t {
  kAccepted,
  kFiltered,     // by the import policy
  kNotExported,  // to the neighbour that the query is about
};

// Why a route is not accepted or not exported.
struct RouteReason {
  std::uint32_t code = 0;  // the last part of the informational community; 0 if there is none
  std::string text;        // for people
};

struct RouteView {
  net::Prefix prefix;
  net::IpAddress next_hop;
  const bgp::PathAttributes* attributes = nullptr;  // never null
  NeighborId from;
  std::string_view from_name;  // Neighbor::name of `from`
  net::IpAddress from_address;
  std::chrono::seconds age{0};
  bool is_primary = false;  // the best of its prefix
  RouteStatus status = RouteStatus::kAccepted;
  std::optional<RouteReason> reason;  // unless accepted
  std::optional<RpkiState> rpki;
};

// Which routes: all of a table, or those of one neighbour.
enum class RouteSet : std::uint8_t {
  kAccepted,       // of every neighbour
  kFiltered,       // of every neighbour
  kAcceptedFrom,   // of query.neighbor
  kFilteredFrom,   // of query.neighbor
  kExportedTo,     // what query.neighbor hears
  kNotExportedTo,  // accepted from others, and kept from query.neighbor
};

struct RouteQuery {
  RouteSet set = RouteSet::kAccepted;
  NeighborId neighbor;                // for the sets of one neighbour
  std::optional<net::Family> family;  // none: both
};

// Where a list goes on.
struct RouteCursor {
  std::uint32_t place = 0;  // of a prefix, in the engine's order
  std::optional<NeighborId>
      after;  // at that place, after this neighbour's route; none: at its first
};

struct RouteBatch {
  std::vector<RouteView> routes;    // at most the limit; perhaps none, and still there is more
  std::optional<RouteCursor> next;  // none: that was all
};

class LookingGlass {
 public:
  LookingGlass() = default;
  LookingGlass(const LookingGlass&) = delete;
  LookingGlass& operator=(const LookingGlass&) = delete;
  LookingGlass(LookingGlass&&) = delete;
  LookingGlass& operator=(LookingGlass&&) = delete;
  virtual ~LookingGlass() = default;

  virtual RouteServerStatus status() const = 0;

  // In a stable order.
  virtual std::vector<Neighbor> neighbors() const = 0;

  // At most `limit` (> 0) routes after `after`, or from the beginning. None of a neighbour that is
  // not there.
  virtual RouteBatch routes(const RouteQuery& query, const std::optional<RouteCursor>& after,
                            std::size_t limit) const = 0;

  // The routes, accepted and filtered, of the longest prefix that covers `block` (perhaps itself).
  virtual std::vector<RouteView> lookup(const net::Prefix& block) const = 0;
};

}  // namespace fabrix::api
