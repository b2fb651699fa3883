// MonitorHub: what sessions and routes do, as one JSON object a line, for whoever listens: what
// {"command":"monitor"} streams.
//
//   session-up         router, participant, address, asn
//   session-down       the same, reason; its routes go with it, or stay as stale ones
//   update             the same, verdict ("accepted", "filtered", "withdrawn"), prefixes,
//                      before (the verdict until now), reason and reason_code of what is filtered;
//                      next_hop and the attributes as announced (route_json.h)
//   verdict            as update, but no UPDATE caused it: new RPKI data, another configuration
//   end-of-rib         the same, family
//   malformed-update   the same, reaction, faults, octets (`show bad` has the message)
//   lost               count: so many prefixes and events before this one were left out
//
// Each has "event" and "time". An event is written once, whatever the number of listeners, and not
// at all without any. A listener that has no room loses the event and is told how many it lost when
// it has room again: nothing is kept for it here. Control thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "api/answer.h"
#include "bgp/bad_update.h"
#include "controller/controller.h"
#include "monitoring/table.h"

namespace fabrix::api {

// What a listener wants to hear.
enum class MonitorTopic : std::uint8_t { kAll, kRoutes, kSessions };

struct MonitorFilter {
  MonitorTopic topic = MonitorTopic::kAll;
  std::vector<routeserver::PeerId> neighbors = {};  // empty: all
};

// The filter that {"command":"monitor","topic":"routes","neighbors":["B"]} asks for; `topic` is
// "all", "routes" or "sessions". Neither must be there.
Result<MonitorFilter, Refusal> monitor_filter(const controller::Controller& controller,
                                              const boost::json::object& request);

class MonitorHub final : public monitoring::Observer {
 public:
  static constexpr std::size_t kMostListeners = 16;

  // Where a listener's lines go. It calls nothing here.
  class Outlet {
   public:
    Outlet() = default;
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;
    Outlet(Outlet&&) = delete;
    Outlet& operator=(Outlet&&) = delete;
    virtual ~Outlet() = default;

    virtual bool has_room() const = 0;
    virtual void say(std::string_view line) = 0;  // with its newline
  };

  // Whether anybody listens, whenever that changes: so that nothing is observed in vain.
  using Attend = std::function<void(monitoring::Observer&)>;
  struct Source {
    Attend begin = {};
    Attend end = {};
  };

 private:
  struct Listener {
    MonitorFilter filter;
    Outlet* outlet = nullptr;
    std::uint64_t lost = 0;  // since something was said
  };

 public:
  // A listener, as long as it lives. The hub and the outlet outlive it.
  class Subscription {
   public:
    Subscription(Subscription&& other) noexcept;
    Subscription& operator=(Subscription&&) = delete;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription();

    // There is room again: what was lost is told now.
    void resume();

   private:
    friend class MonitorHub;
    Subscription(MonitorHub& hub, std::list<Listener>::iterator listener)
        : hub_(&hub), listener_(listener) {}

    MonitorHub* hub_;  // null: moved from
    std::list<Listener>::iterator listener_;
  };

  // The controller must outlive the hub. Peers are known to observers by their PeerIds.
  explicit MonitorHub(const controller::Controller& controller);
  MonitorHub(const controller::Controller& controller, Source source);

  Subscription subscribe(MonitorFilter filter, Outlet& outlet);
  std::size_t listeners() const { return listeners_.size(); }

  void bad_update(routeserver::PeerId peer, const bgp::BadUpdate& update);

  // monitoring::Observer
  void peer_up(const monitoring::PeerSession& session) override;
  void peer_down(monitoring::PeerKey key, const monitoring::DownReason& reason,
                 monitoring::Timestamp time) override;
  void routes_changed(const monitoring::RouteChange& change) override;
  void routes_judged(const monitoring::RouteChange& change) override;
  void end_of_rib(monitoring::PeerKey key, net::Family family, monitoring::Timestamp time) override;
  void statistics(monitoring::PeerKey peer, std::span<const monitoring::Statistic> values,
                  monitoring::Timestamp time) override;

 private:
  // For whom an event is, and how many it counts for where it is lost.
  struct Address {
    MonitorTopic topic = MonitorTopic::kAll;
    routeserver::PeerId peer;
    std::size_t weight = 1;
  };
  using Listeners = std::vector<Listener*>;

  Listeners with_room(const Address& address);
  static void say(const Listeners& listeners, const boost::json::object& event);
  static void tell_lost(Listener& listener);
  boost::json::object event(std::string_view name, routeserver::PeerId peer,
                            std::chrono::system_clock::time_point time) const;
  void tell_routes(std::string_view name, const monitoring::RouteChange& change);
  void tell_filtered(const Listeners& listeners, boost::json::object event,
                     const monitoring::RouteChange& change) const;

  const controller::Controller* controller_;
  Source source_;
  std::list<Listener> listeners_;
};

}  // namespace fabrix::api
