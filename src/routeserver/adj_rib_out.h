// AdjRibOut: what one session has been told, and what it is still to be told.
//
// Changes do not queue up: a prefix that changed is marked dirty, once, and what the client must
// hear is worked out when its connection has room. A slow client therefore costs at most one mark a
// prefix, and hears the newest state when it drains.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "routeserver/route.h"

namespace fabrix::routeserver {

// What a client is told about a prefix.
struct Advertisement {
  bgp::AttributesPtr attributes;  // interned
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);

  friend bool operator==(const Advertisement&, const Advertisement&) = default;
};

class AdjRibOut {
 public:
  // Nothing: the client must not have a route.
  using Wanted = std::function<std::optional<Advertisement>(const net::Prefix&)>;

  void mark(std::span<const net::Prefix> prefixes);
  // The client asks for everything of a family again (RFC 2918).
  void repeat(net::Family family, std::span<const net::Prefix> all);
  // After what is dirty now, an End-of-RIB of each family goes out (RFC 4724 §2).
  void end_with_marker() { marker_due_ = true; }

  // UPDATEs (whole messages) for at most `kPullPrefixes` dirty prefixes; empty when there is
  // nothing to say. `hold` are prefixes whose change is not to be told yet; they stay dirty.
  std::vector<std::byte> pull(const SessionInfo& session, const Wanted& wanted,
                              const std::function<bool(const net::Prefix&)>& hold);
  static constexpr std::size_t kPullPrefixes = 10'000;

  bool has_work() const { return !dirty_.empty() || marker_due_; }
  std::size_t told_count() const { return told_.size(); }
  const Advertisement* told(const net::Prefix& prefix) const;

 private:
  std::vector<net::Prefix> take_dirty(const std::function<bool(const net::Prefix&)>& hold);
  std::vector<std::byte> tell(const SessionInfo& session, std::span<const net::Prefix> prefixes,
                              const Wanted& wanted);

  boost::unordered_flat_map<net::Prefix, Advertisement, std::hash<net::Prefix>> told_;
  boost::unordered_flat_set<net::Prefix, std::hash<net::Prefix>> dirty_;
  bool marker_due_ = false;
};

}  // namespace fabrix::routeserver
