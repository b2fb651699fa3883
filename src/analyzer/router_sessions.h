// RouterSessions: BGP sessions with routers, whose tables become the engine's.
//
// Each router is a router of the engine (telemetry/routers.h) from the moment on that it is added:
// without routes while there is no session, so that agents can be bound to it at any time. Routes
// with the same attributes share one text: as a rule, since what was made is remembered in a table
// of kSlots. Loop's thread only.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>

#include "analyzer/bgp_options.h"
#include "analyzer/recent_cache.h"
#include "base/result.h"
#include "io/event_loop.h"
#include "speaker/speaker.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

class RouterSessions {
 public:
  static constexpr std::size_t kSlots = 16'384;

  // The engine must outlive it.
  RouterSessions(io::EventLoop& loop, telemetry::Engine& engine);

  // These are, besides what add() has added. What cannot be had stays as it was.
  Result<void> configure(const BgpOptions& options);

  // A router of the configuration stays as it is there.
  Result<void> add(const speaker::NeighborOptions& options);
  // Not one of the configuration. Whether it was there.
  bool remove(const net::IpAddress& router);

  // To announce; routers are added and removed here.
  speaker::Speaker& speaker() { return speaker_; }
  const speaker::Speaker& speaker() const { return speaker_; }

  // Is told of each session that begins, and of its end.
  using Watch = std::function<void(const net::IpAddress& router, speaker::NeighborState state)>;
  void set_watch(Watch watch) { watch_ = std::move(watch); }

 private:
  struct Told {
    bgp::PathAttributes attributes;
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);

    friend bool operator==(const Told&, const Told&) = default;
  };

  Result<void> join(const speaker::NeighborOptions& options);
  void opened(const speaker::NeighborView& neighbor);
  std::size_t updated(const net::IpAddress& router, const bgp::UpdateMessage& update);
  void closed(const net::IpAddress& router);
  telemetry::RouteInfoPtr route(const bgp::PathAttributes& attributes,
                                const net::IpAddress& next_hop);
  void tell(const net::IpAddress& router, speaker::NeighborState state) const;

  telemetry::Engine& engine_;
  RecentCache<Told, telemetry::RouteInfoPtr> routes_{kSlots};
  std::set<net::IpAddress> configured_;
  Watch watch_;
  speaker::Speaker speaker_;
};

}  // namespace fabrix::analyzer
