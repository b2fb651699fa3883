// Routers: the routes of the routers that are known, whose samples they explain, and how much
// traffic each route has.
//
// Samples of an agent are joined with the table of the router that it is bound to (sFlow-RT's
// bgpAddSource), to the destination as to the source; those of other agents are not.
//
// A route server tells its members different routes. Samples of its exchange's fabric are joined
// with what the member is told that the frame comes from (frame_ends.h), and with what the one is
// told that it goes to, for the way back; where no member is known, with the best routes.
// The router of a member has a view of that table too: what it is told, whoever sends.
//
// Bounded: kMaxRouters, kMaxBindings, and what a table may hold. Time is an input. Pure; one
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "net/ip_address.h"
#include "telemetry/members.h"
#include "telemetry/route_set.h"
#include "telemetry/route_table.h"
#include "telemetry/route_view.h"
#include "telemetry/route_watcher.h"
#include "telemetry/routing_attribute.h"
#include "telemetry/sample.h"
#include "telemetry/table_view.h"
#include "telemetry/top_prefixes.h"

namespace fabrix::telemetry {

enum class RouteValue : std::uint8_t { kBytes, kFrames };

struct RouterInfo {
  std::uint32_t as = 0;
  std::string id;  // its BGP identifier
  std::string state = "established";
  Time start{};  // when its session began
};

class Routers final : public RouteView {
 public:
  static constexpr std::size_t kMaxRouters = 64;
  static constexpr std::size_t kMaxBindings = 4096;

  struct Router {
    RouterInfo info;
    RouteTable table;
    RouteRates rates{std::chrono::seconds(10)};
    RouteValue value = RouteValue::kBytes;
    std::uint64_t added = 0;  // routes that were learned, and went
    std::uint64_t removed = 0;
  };

  // The members of the exchange whose route server is among the routers.
  void set_members(Members members) { members_ = std::move(members); }
  const Members& members() const { return members_; }

  // A router of that address, without routes; what was there is forgotten. False: there are too
  // many.
  bool add_router(const net::IpAddress& router, const RouterInfo& info,
                  std::chrono::duration<double> smoothing = std::chrono::seconds(10),
                  RouteValue value = RouteValue::kBytes);
  // Another session of a router that is there: without routes, measured as it was. False: it is
  // not.
  bool renew_router(const net::IpAddress& router, const RouterInfo& info);
  // How the traffic of its routes is measured from now on. False: it is not there.
  bool measure(const net::IpAddress& router, std::chrono::duration<double> smoothing,
               RouteValue value);
  bool remove_router(const net::IpAddress& router);
  const Router* find(const net::IpAddress& router) const;

  // A router that has what `of` tells the member. False: there are too many.
  bool add_view(const net::IpAddress& router, const RouterInfo& info, const net::IpAddress& of,
                MemberId member);

  // A router, or a view of one, as it is asked about.
  struct Seen {
    const RouterInfo* info = nullptr;
    const Router* router = nullptr;  // whose routes they are
    TableView table;
    const RouteRates* rates = nullptr;
  };
  std::optional<Seen> see(const net::IpAddress& router) const;

  // Its routes; `route` null: it is gone. False: there is no such router, or no room.
  bool set_route(const net::IpAddress& router, const net::Prefix& prefix, RouteInfoPtr route);
  // The same of a route server.
  bool set_routes(const net::IpAddress& router, const net::Prefix& prefix, RouteSetPtr set);

  // From now on the agent's samples are joined with the router's routes, those of IPv6 packets with
  // the ones of `router6`, if there is one. False: too many.
  bool bind(const net::IpAddress& agent, const net::IpAddress& router,
            const std::optional<net::IpAddress>& router6 = std::nullopt);
  // So are those of all agents that are not bound; none: with nothing.
  void bind_others(std::optional<net::IpAddress> router) { others_ = router; }
  // There are no views; nobody is bound but agents of routers with tables of their own.
  void unbind_all();

  // The watcher is told of this router, or view, whether it is there yet or not, until it is null.
  // It outlives this, or its watch. One a router; false: there is one.
  bool watch(const net::IpAddress& router, RouteWatcher* watcher);

  // Whether the sample is of the fabric of the exchange, and not of a member's own.
  bool is_of_fabric(const Sample& sample) const;

  // Counts samples for the routes to their destinations and sources, and notes in their memos which
  // these are. Of several together, the memory is not waited for each time.
  void add(std::span<const Sample> samples, Time now);
  // The next ones will be asked for what these have been asked for, by their memos: what is not, is
  // not asked of the memory.
  void expect_like(std::span<const Sample> samples);
  void add(const Sample& sample, Time now) { add({&sample, 1}, now); }

  std::optional<RouteMatch> to_destination(const Sample& sample,
                                           const net::IpAddress& address) const override;
  std::optional<RouteMatch> to_source(const Sample& sample,
                                      const net::IpAddress& address) const override;
  std::uint32_t own_as(const Sample& sample) const override;

 private:
  struct View {
    RouterInfo info;
    net::IpAddress of = net::IpAddress::unspecified(net::Family::kIpv4);
    MemberId member;
    RouteRates rates{std::chrono::seconds(10)};
  };

  // What an agent's samples are joined with.
  struct Joint {
    const net::IpAddress* name = nullptr;  // of the router, or of the view
    const Router* router = nullptr;
    const View* view = nullptr;  // null: the member is the frame's
  };

  // One end of a sample that is to be counted.
  struct End {
    RouteTable::Search search;
    RouteTable::RouteId id = RouteTable::kNoRoute;  // of the longest match in the whole table
  };
  // A sample on its way.
  struct Joining {
    const Sample* sample = nullptr;
    RouteMemo* memo = nullptr;  // the sample's; or one of its own
    Joint joint;
    RouteRates* rates = nullptr;  // the joint's
    bool has_ends = false;
    End destination;
    End source;
  };

  bool joins_any() const { return !bindings_.empty() || others_; }
  bool is_asked_for(Side side) const { return asked_for_[static_cast<std::size_t>(side)]; }
  RouteRates& rates_of(const Joint& joint);
  // Those of the samples that are joined.
  std::span<Joining> find_joints(std::span<const Sample> samples);
  void count(const Joining& joining, Time now);
  bool put(const net::IpAddress& router, const net::Prefix& prefix, auto route);
  // Of the router, and of the views of it.
  template <typename Tell>
  void tell_watchers(const net::IpAddress& router, Tell&& tell) const;
  // What it is bound to for packets of the family.
  struct Binding {
    net::IpAddress router = net::IpAddress::unspecified(net::Family::kIpv4);
    std::optional<net::IpAddress> router6;
  };
  std::optional<Joint> joint_of(const Sample& sample,
                                net::Family family = net::Family::kIpv4) const;
  std::optional<MemberId> member_at(const Joint& joint, const Sample& sample, Side side) const;
  std::optional<RouteMatch> match(const Sample& sample, const net::IpAddress& address,
                                  Side side) const;

  Members members_;
  std::map<net::IpAddress, Router> routers_;
  std::map<net::IpAddress, View> views_;
  std::map<net::IpAddress, Binding> bindings_;  // by agent
  std::optional<net::IpAddress> others_;
  std::map<net::IpAddress, RouteWatcher*> watchers_;  // by router, or view
  std::vector<Joining> joining_;                      // of the samples at hand, and free ones
  std::vector<RouteMemo> own_memos_;                  // of those that have none
  std::array<bool, 2> asked_for_{true, true};         // of samples before, by side
};

}  // namespace fabrix::telemetry
