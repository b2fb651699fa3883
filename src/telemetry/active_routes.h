// ActiveRoutes: which of a router's many routes a switch with room for few is to have installed, so
// that they carry most of the traffic and the default route, to somebody with all routes, the rest.
//
// Samples say where traffic goes; what can be installed is blocks of addresses that go one way
// (forwarding_blocks.h), so that a packet is sent where the full table sends it, or by default,
// whichever of them are installed and in whichever order they come and go. A block's rate is a
// moving average, as a flow's.
//
// A block with traffic is installed at once while there is room. Then the largest of those that
// wait takes the place of the smallest if it carries more by `advantage`, and that one has been
// installed for `hold`. At most `changes_per_second` come of that, as many at once; a change that
// the router's table asks for (its next hop is another one, or there is no such way any more) comes
// first and at once, and the others after it wait for it as long as if they had been one second's.
//
// Bounded: the limits; twice as many blocks and kSpare wait. Time is an input, and what to change
// is told by advance(). Pure; one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/ip_address.h"
#include "net/prefix.h"
#include "net/prefix_map.h"
#include "telemetry/forwarding_blocks.h"
#include "telemetry/route_watcher.h"

namespace fabrix::telemetry {

struct ActiveRouteOptions {
  using Seconds = std::chrono::duration<double>;

  std::size_t limit4 = 0;  // of installed blocks; 0: none of the family
  std::size_t limit6 = 0;
  double min_rate = 0;              // octets a second; at half of it one is removed
  double changes_per_second = 500;  // above 0
  double advantage = 0.25;          // a newcomer's, as a part of the smallest
  Seconds smoothing{60};            // t
  Seconds hold{10};
  NextHopMap next_hops{};

  friend bool operator==(const ActiveRouteOptions&, const ActiveRouteOptions&) = default;
};

struct RouteChange {
  enum class Kind : std::uint8_t { kRemove, kReplace, kAdd };
  Kind kind = Kind::kAdd;
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);  // not of kRemove

  friend bool operator==(const RouteChange&, const RouteChange&) = default;
};

// Of one family.
struct ActiveRouteCounts {
  std::size_t limit = 0;
  std::size_t installed = 0;
  std::size_t waiting = 0;
  std::uint64_t samples = 0;  // to its addresses, and of them by installed routes
  std::uint64_t hits = 0;
  double rate = 0;  // octets a second, and of them by installed routes
  double installed_rate = 0;
  double sample_rate = 0;  // samples a second, and of them by installed routes
  double hit_rate = 0;
  std::uint64_t added = 0;
  std::uint64_t replaced = 0;
  std::uint64_t removed = 0;
  double churn = 0;           // changes a second
  std::uint64_t refused = 0;  // by failed()

  // Parts of all, 0 to 1; 0 without any.
  double coverage() const { return rate > 0 ? installed_rate / rate : 0; }
  double hit_ratio() const { return sample_rate > 0 ? hit_rate / sample_rate : 0; }
};

class ActiveRoutes final : public RouteWatcher {
 public:
  static constexpr std::size_t kMaxLimit = 1'000'000;
  static constexpr std::size_t kSpare = 4096;
  // An adopted route without a route in the router's table, which may be coming in, stays so long;
  // one that was refused is tried again after.
  static constexpr std::chrono::seconds kGrace{60};
  static constexpr std::chrono::seconds kRetry{10};

  explicit ActiveRoutes(const ActiveRouteOptions& options);

  void routed(const TableView& view, const net::IpAddress& destination, double octets,
              Time now) override;
  void changed(const net::Prefix& prefix) override;
  void changed_all() override;

  // What to change where the routes are, in this order: removals first, so that a limit is never
  // passed. To be called some ten times a second. `view` null: the router has no table now.
  std::vector<RouteChange> advance(const TableView* view, Time now);

  // A route is there already, from before a restart. False: it cannot be one of these.
  bool adopt(const net::Prefix& prefix, const net::IpAddress& next_hop, Time now);
  // It could not be added, or changed, and is not there; or has gone by itself. It waits again.
  void failed(const net::Prefix& prefix, Time now);
  void lost(const net::Prefix& prefix);
  // Nothing is there any more.
  void lost_all();

  ActiveRouteCounts counts(net::Family of, Time now) const;

  struct Installed {
    net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
    double rate = 0;  // octets a second
    Time since{};
  };
  // In prefix order. Of those that advance() told.
  std::vector<Installed> installed(Time now) const;

 private:
  using Number = std::uint32_t;

  // A moving average.
  struct Average {
    double value = 0;
    Time at{};
  };

  struct Block {
    net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
    std::optional<net::IpAddress> there;  // the next hop that was told by advance()
    net::IpAddress last = net::IpAddress::unspecified(net::Family::kIpv4);  // a sample's
    bool is_used = false;                                                   // or free
    bool is_wanted = false;
    bool is_doubtful = false;  // its way may have changed
    // The logarithm of its rate at the beginning of time: without decay, so that it says the order.
    double weight = 0;
    Time since{};          // it is wanted
    Time not_before{};     // it is refused
    Time doubtless_for{};  // adopted: until then it needs no route
  };

  struct Family {
    std::size_t limit = 0;
    std::size_t blocks = 0;
    std::size_t wanted = 0;
    Average octets, installed_octets, samples, hits, changes;
    ActiveRouteCounts counts;
  };

  static std::size_t index_of(net::Family family) { return family == net::Family::kIpv4 ? 0 : 1; }
  Family& family_of(const net::Prefix& prefix) { return families_[index_of(prefix.family())]; }

  double decay(Time from, Time to) const;
  void count(Average& average, double amount, Time now) const;
  double now_of(const Average& average, Time now) const;
  double weight_of(double rate, Time now) const;
  double rate_of(const Block& block, Time now) const;

  void place(const ForwardingBlocks::Block& way, const net::IpAddress& last, double weight);
  Number take_number();
  void want(Block& block, Time since);
  void unwant(Block& block);
  void drop(Number number);
  void doubt(Number number);

  void settle_doubts(const TableView* view, Time now);
  void settle(Number number, const TableView* view, Time now);
  void refill(Time now);
  bool spend(double changes);
  // The largest that wait, the smallest that may go; as many as may change.
  struct Sorted {
    std::vector<Number> waiting;
    std::vector<Number> held;
  };
  Sorted sort_out(net::Family of, Time now);
  void choose(net::Family of, Time now);
  void forget_smallest(net::Family of, std::vector<Number>& waiting);
  std::vector<RouteChange> told_changes(Time now);

  ActiveRouteOptions options_;
  ForwardingBlocks ways_;
  net::PrefixMap<Number> by_prefix_;  // they are disjoint
  std::vector<Block> blocks_;
  std::vector<Number> free_;
  std::vector<Number> doubtful_;
  bool all_doubtful_ = false;
  std::vector<net::Prefix> gone_;  // that were told to be there
  std::array<Family, 2> families_;
  std::optional<Time> began_;
  Time refilled_{};
  double allowed_ = 0;  // changes; below 0 after many that had to be
  bool ipv6_first_ = false;
};

}  // namespace fabrix::telemetry
