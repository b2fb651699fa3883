// Speaker: BGP sessions with routers, of one who routes nothing: it hears their tables and tells
// them routes and flow specifications.
//
//   RFC 4271, 4760, 6793, 2918   by bgp::Session; IPv4 and IPv6 unicast, FlowSpec (RFC 8955, 8956)
//   RFC 4271 §6.8                of two connections, one of each side's making, the identifiers
//                                decide; of two that the router made, the newer stays
//
// Only routers that were added may connect, each with one session. What is announced to a router is
// kept: it is told whenever its session is established, and again when it asks for it. Changes are
// gathered for a turn of the loop and go as few UPDATEs as hold them, as fast as the router takes
// them.
//
// Bounded: kMaxNeighbors, kMaxRoutes and kMaxFlows for each, and the prefixes that its receiver
// allows. A router that exceeds something costs only its own session. Loop's thread only; handlers
// are called from the loop, and may call back.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bgp/flowspec.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "net/prefix.h"
#include "speaker/announcement.h"
#include "speaker/neighbor.h"

namespace fabrix::speaker {

struct SpeakerHandlers {
  // A session is established: what it had before is to be forgotten.
  std::function<void(const NeighborView&)> on_open;
  // What an UPDATE brought. The number of prefixes that the router has now: when it is above
  // NeighborOptions::most_prefixes, the session ends.
  std::function<std::size_t(const net::IpAddress&, const bgp::UpdateMessage&)> on_update;
  // The session is over: so are its routes.
  std::function<void(const net::IpAddress&, const std::string& reason)> on_close;
};

class Speaker {
 public:
  static constexpr std::size_t kMaxNeighbors = 64;
  static constexpr std::size_t kMaxRoutes = 100'000;
  static constexpr std::size_t kMaxFlows = 10'000;

  // It does not listen yet. The loop must outlive it.
  Speaker(io::EventLoop& loop, SpeakerHandlers handlers);
  ~Speaker();
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  Speaker(Speaker&&) = delete;
  Speaker& operator=(Speaker&&) = delete;

  // Where routers connect from now on; port 0 picks a free one; none: nowhere. Sessions stay.
  // Fails, and listens where it did, if the address cannot be had.
  Result<void> listen(const std::optional<io::IpEndpoint>& at);
  // With the real port.
  std::optional<io::IpEndpoint> listening() const;

  // The router may connect. What it was added as before is forgotten with its session, unless it is
  // the same: then nothing happens. What is announced to it stays.
  Result<void> add(const NeighborOptions& options);
  // Its session ends, and what was announced to it is forgotten. Whether it was there.
  bool remove(const net::IpAddress& router);

  // Tells the router of a route, in place of what was there. Fails if there is no such router or no
  // room, or the route is none that it could be told.
  Result<void> announce(const net::IpAddress& router, const net::Prefix& prefix,
                        const Announcement& route);
  // Whether it was announced.
  bool withdraw(const net::IpAddress& router, const net::Prefix& prefix);

  // The same of a flow specification.
  Result<void> announce_flow(const net::IpAddress& router, const bgp::FlowSpecRule& rule,
                             const FlowAnnouncement& flow);
  bool withdraw_flow(const net::IpAddress& router, const bgp::FlowSpecRule& rule);

  // What is announced to the router; null: nothing is.
  const Announcement* announced(const net::IpAddress& router, const net::Prefix& prefix) const;
  std::size_t route_count(const net::IpAddress& router) const;
  std::size_t flow_count(const net::IpAddress& router) const;

  std::optional<NeighborView> view(const net::IpAddress& router) const;
  std::vector<NeighborView> views() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::speaker
