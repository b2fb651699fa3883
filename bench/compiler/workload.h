// Workload: exchanges as large as they come, for benchmarks: participants, full tables of routes
// with the overlap of real ones, and policies of three shapes. Seeded: the same on every machine.
//
// The prefixes are those of the file that the environment names in FABRIX_PREFIXES, one
// "prefix origin-as" a line as looking glasses and collectors have them; without it as many made-up
// ones. The prefixes of one origin are announced by the same participants, but for one in twenty.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {

struct Origin {
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  std::uint32_t asn = 0;
};

inline net::Prefix made_up_prefix(std::uint32_t i) {
  const auto octet = [i](unsigned shift) { return static_cast<std::uint8_t>(i >> shift); };
  if (i % 5 == 4) {
    return *net::Prefix::containing(net::IpAddress::v6({0x24, 0, octet(16), octet(8), octet(0), 0,
                                                        0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
                                    48);
  }
  return *net::Prefix::containing(
      net::IpAddress::v4({static_cast<std::uint8_t>(20 + octet(16)), octet(8), octet(0), 0}), 24);
}

// At most `most` of them, spread over the whole.
inline std::vector<Origin> read_origins(std::size_t most) {
  std::vector<Origin> all;
  const char* name = std::getenv("FABRIX_PREFIXES");  // NOLINT(concurrency-mt-unsafe): one thread
  std::ifstream file(name != nullptr ? name : "");
  for (std::string line; std::getline(file, line);) {  // others, such as comments, are passed over
    std::istringstream words(line);
    std::string text;
    std::uint32_t asn = 0;
    if (!(words >> text >> asn)) continue;
    if (const auto parsed = net::Prefix::parse(text)) all.push_back({*parsed, asn});
  }
  if (all.empty()) {
    for (std::uint32_t i = 0; i < most; ++i) all.push_back({made_up_prefix(i), i / 18});
  }
  if (all.size() <= most) return all;
  std::vector<Origin> some;
  for (std::size_t i = 0; i < most; ++i) some.push_back(all[i * all.size() / most]);
  return some;
}

// Routes of many prefixes, as a route server has them: each prefix has a list of routers, best
// first; few lists differ.
class ListTable : public exchange::Reachability {
 public:
  explicit ListTable(const exchange::Exchange& exchange) : exchange_(exchange) {}

  void set(const net::Prefix& prefix, const exchange::Routes& routes) {
    const auto [known, is_new] =
        places_.try_emplace(prefix, exchange::Place{static_cast<std::uint32_t>(lists_.size())});
    if (is_new) lists_.push_back({prefix, nullptr});
    lists_[known->second.index()].routes = intern(routes);
  }
  const exchange::Routes& list(const net::Prefix& prefix) const {
    static const exchange::Routes nothing;
    const exchange::Place place = place_of(prefix);
    return place == exchange::kNowhere ? nothing : *lists_[place.index()].routes;
  }

  exchange::Routes routes(net::ParticipantId client, const net::Prefix& prefix) const override {
    exchange::Routes all = list(prefix);
    leave_out(client, all);
    return all;
  }
  exchange::Place place_of(const net::Prefix& prefix) const override {
    const auto known = places_.find(prefix);
    return known == places_.end() ? exchange::kNowhere : known->second;
  }
  void route_key(const exchange::PlacedPrefix& prefix, exchange::RouteKey& key) const override {
    key.clear();
    if (prefix.place == exchange::kNowhere) return;
    for (const net::RouterId each : *lists_[prefix.place.index()].routes) key.push_back(each.value);
  }
  void routes_of(net::ParticipantId client, const exchange::RouteKey& key,
                 exchange::Routes& routes) const override {
    routers_of(key, routes);
    leave_out(client, routes);
  }
  void routers_of(const exchange::RouteKey& key, exchange::Routes& routers) const override {
    routers.clear();
    for (const std::uint64_t word : key) routers.push_back({static_cast<std::uint16_t>(word)});
  }
  bool alike_but_for(const exchange::RouteKey& key,
                     std::vector<net::ParticipantId>& others) const override {
    others.clear();
    for (const std::uint64_t word : key) {
      others.push_back(exchange_.router({static_cast<std::uint16_t>(word)}).participant);
    }
    std::ranges::sort(others);
    return true;
  }
  bool differ_behind_first(const exchange::RouteKey& a, const exchange::RouteKey& b,
                           exchange::Routes& routers) const override {
    const auto router_of = [](std::uint64_t word) {
      return net::RouterId{static_cast<std::uint16_t>(word)};
    };
    return exchange::differ_behind_first(a, b, router_of, routers);
  }
  void for_each_route_key(
      const std::function<void(const exchange::PlacedPrefix&, const exchange::RouteKey&)>& visit)
      const override {
    exchange::RouteKey key;
    for (const List& each : lists_) {
      const exchange::PlacedPrefix prefix = placed(each.prefix);
      route_key(prefix, key);
      if (!key.empty()) visit(prefix, key);
    }
  }
  std::optional<net::Prefix> resolve(net::ParticipantId client,
                                     const net::IpAddress& address) const override {
    for (unsigned length = net::width_of(address.family());; --length) {
      const auto prefix = *net::Prefix::containing(address, length);
      if (!routes(client, prefix).empty()) return prefix;
      if (length == 0) return std::nullopt;
    }
  }
  void for_each_prefix(net::ParticipantId client,
                       const std::function<void(const net::Prefix&, const exchange::Routes&)>&
                           visit) const override {
    for (const net::Prefix& each : sorted([](const auto&) { return true; })) {
      const exchange::Routes usable = routes(client, each);
      if (!usable.empty()) visit(each, usable);
    }
  }
  // Of routes the lists have nothing but the router.
  std::optional<net::RouteAttributes> best_route(net::ParticipantId client,
                                                 const net::Prefix& prefix) const override {
    const exchange::Routes usable = routes(client, prefix);
    if (usable.empty()) return std::nullopt;
    return attributes_of(prefix, usable.front());
  }
  std::optional<net::RouteAttributes> own_route(net::ParticipantId announcer,
                                                const net::Prefix& prefix) const override {
    const exchange::Routes& all = list(prefix);
    const auto own = std::ranges::find_if(
        all, [&](net::RouterId each) { return exchange_.router(each).participant == announcer; });
    if (own == all.end()) return std::nullopt;
    return attributes_of(prefix, *own);
  }
  std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const override {
    return sorted([&](const exchange::Routes& list) {
      return std::ranges::any_of(list, [&](net::RouterId each) {
        return exchange_.router(each).participant == announcer;
      });
    });
  }

 private:
  struct List {
    net::Prefix prefix;
    const exchange::Routes* routes;  // not null
  };

  net::RouteAttributes attributes_of(const net::Prefix& prefix, net::RouterId router) const {
    const auto& announcer = exchange_.owner(router);
    return {.prefix = prefix,
            .announcer = announcer.id,
            .neighbor = announcer.asn,
            .as_path = &empty_path_};
  }
  const exchange::Routes* intern(const exchange::Routes& routes) {
    return &*interned_.insert(routes).first;
  }
  void leave_out(net::ParticipantId client, exchange::Routes& routes) const {
    std::erase_if(routes,
                  [&](net::RouterId each) { return exchange_.router(each).participant == client; });
  }
  template <typename Wanted>
  std::vector<net::Prefix> sorted(const Wanted& wanted) const {
    std::vector<net::Prefix> all;
    for (const List& each : lists_) {
      if (!each.routes->empty() && wanted(*each.routes)) all.push_back(each.prefix);
    }
    std::ranges::sort(all);
    return all;
  }

  net::AsPath empty_path_;
  const exchange::Exchange& exchange_;
  std::set<exchange::Routes> interned_;
  boost::unordered_flat_map<net::Prefix, exchange::Place, std::hash<net::Prefix>> places_;
  std::vector<List> lists_;  // by place
};

enum class PolicyShape : std::uint8_t {
  kEverybody,  // each participant 10 clauses, to others of all sizes
  kDense,      // each with clauses to a tenth of the others, 1 to 4 a target; some inbound
  kMixed,      // content sends to eyeballs, eyeballs choose their ports, transit some of both
};

// With as many virtual next hops as full tables take, which of the other shapes are some ten
// thousand for a sender.
inline exchange::Exchange make_exchange_for(PolicyShape shape, unsigned participants) {
  exchange::Exchange made = make_exchange(std::vector<unsigned>(participants, 1));
  if (shape != PolicyShape::kEverybody) made.virtual_next_hops[0] = prefix("172.0.128.0/18");
  return made;
}

class Workload {
 public:
  Workload(unsigned participants, std::size_t prefixes, PolicyShape shape, std::uint32_t seed = 1)
      : engine_(seed),
        exchange_(make_exchange_for(shape, participants)),
        table_(exchange_),
        shape_(shape) {
    make_routes(prefixes);
    for (unsigned i = 0; i < participants; ++i) policies_.push_back(make_policy(i, 0));
  }

  const exchange::Exchange& exchange() const { return exchange_; }
  // Instead of as many addresses as full tables take. Before anybody uses the exchange.
  void set_virtual_next_hops(const net::Prefix& ipv4) { exchange_.virtual_next_hops[0] = ipv4; }
  ListTable& table() { return table_; }
  const ListTable& table() const { return table_; }
  const std::vector<net::Prefix>& prefixes() const { return prefixes_; }
  const std::shared_ptr<const policy::Policy>& policy(unsigned i) const { return policies_[i]; }
  std::size_t clauses() const {
    std::size_t count = 0;
    for (const auto& each : policies_) {
      count += each->outbound.clauses.size() + each->inbound.clauses.size();
    }
    return count;
  }
  std::size_t outbound_clauses() const {
    std::size_t count = 0;
    for (const auto& each : policies_) count += each->outbound.clauses.size();
    return count;
  }

  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_()) % bound; }
  // Of a popularity that falls with the number (Zipf).
  unsigned popular(unsigned bound) {
    const double uniform =
        static_cast<double>(engine_()) / static_cast<double>(decltype(engine_)::max());
    const auto drawn = static_cast<unsigned>(std::pow(static_cast<double>(bound), uniform));
    return std::min(drawn, bound) - 1;
  }

  // The policy as it would be at another time: with other ports (`version`), to the same targets.
  std::shared_ptr<const policy::Policy> make_policy(unsigned owner, unsigned version) const;
  // One target is another.
  std::shared_ptr<const policy::Policy> with_other_target(unsigned owner);

  // What happens to a prefix: a route goes, comes or ranks otherwise.
  net::Prefix change_routes() {
    const net::Prefix& prefix = prefixes_[below(static_cast<unsigned>(prefixes_.size()))];
    exchange::Routes list = table_.list(prefix);
    const unsigned what = below(3);
    if (what == 0 && list.size() > 1) {
      list.erase(list.begin() + below(static_cast<unsigned>(list.size())));
    } else if (what == 1 && list.size() > 1) {
      std::swap(list[0], list[1]);
    } else {
      add(list, router(popular(count())));
    }
    table_.set(prefix, list);
    return prefix;
  }

 private:
  unsigned count() const { return static_cast<unsigned>(exchange_.participants.size()); }
  static void add(exchange::Routes& list, net::RouterId router) {
    if (std::ranges::find(list, router) == list.end()) list.push_back(router);
  }

  exchange::Routes make_list() {
    exchange::Routes list;
    const unsigned announcers = 1 + popular(8);
    for (unsigned i = 0; i < announcers; ++i) add(list, router(popular(count())));
    return list;
  }

  void make_routes(std::size_t most) {
    std::map<std::uint32_t, exchange::Routes> by_origin;
    for (const Origin& each : read_origins(most)) {
      const auto [known, is_new] = by_origin.try_emplace(each.asn);
      if (is_new) known->second = make_list();
      table_.set(each.prefix, below(20) == 0 ? make_list() : known->second);
      prefixes_.push_back(each.prefix);
    }
  }

  void add_clauses(std::vector<policy::Clause>& clauses, unsigned owner, unsigned targets,
                   unsigned most_each, unsigned version) const;

  std::mt19937 engine_;
  exchange::Exchange exchange_;
  ListTable table_;
  PolicyShape shape_;
  std::vector<net::Prefix> prefixes_;
  std::vector<std::shared_ptr<const policy::Policy>> policies_;
};

// Clauses to so many targets, the larger members more often, each on a port of its own.
inline void Workload::add_clauses(std::vector<policy::Clause>& clauses, unsigned owner,
                                  unsigned targets, unsigned most_each, unsigned version) const {
  std::mt19937 random(owner);
  std::vector<unsigned> chosen;
  while (chosen.size() < targets) {
    const auto target = static_cast<unsigned>(random()) % count();
    const bool is_new = std::ranges::find(chosen, target) == chosen.end();
    if (target != owner && is_new) chosen.push_back(target);
  }
  auto port = static_cast<std::uint16_t>(1000 + version % 1000);
  for (const unsigned target : chosen) {
    for (unsigned i = 1 + static_cast<unsigned>(random()) % most_each; i > 0; --i, ++port) {
      clauses.push_back(
          clause(all_of({ether_type(net::kEthTypeIpv4), test(net::Field::kProtocol, {{6, 6}}),
                         test(net::Field::kDstPort, {{port, port}})}),
                 fwd(participant(target))));
    }
  }
}

inline std::shared_ptr<const policy::Policy> Workload::make_policy(unsigned owner,
                                                                   unsigned version) const {
  std::vector<policy::Clause> outbound;
  std::vector<policy::Clause> inbound;
  const auto steer = [&](unsigned clauses) {
    for (unsigned i = 0; i < clauses; ++i) {
      inbound.push_back(
          clause(all_of({ether_type(net::kEthTypeIpv4), test(net::Field::kProtocol, {{17, 17}}),
                         test(net::Field::kSrcPort, {{2000 + i + version, 2000 + i + version}})}),
                 policy::Drop{}));
    }
  };
  switch (shape_) {
    case PolicyShape::kEverybody:
      add_clauses(outbound, owner, std::min(10U, count() - 1), 1, version);
      break;
    case PolicyShape::kDense:
      add_clauses(outbound, owner, count() / 10, 4, version);
      steer(owner % 2 == 0 ? 3 : 2);
      break;
    case PolicyShape::kMixed:
      // Of twenty: one content network, three eyeballs, one transit; others have no policy.
      if (owner % 20 == 0)
        add_clauses(outbound, owner, std::max(1U, count() * 3 / 20 / 2), 1, version);
      if (owner % 20 >= 1 && owner % 20 <= 3) steer(4);
      if (owner % 20 == 4) {
        add_clauses(outbound, owner, std::max(1U, count() / 40), 2, version);
        steer(2);
      }
      break;
  }
  return policy_of(list_of(std::move(outbound), policy::Shape::Kind::kParallel),
                   list_of(std::move(inbound), policy::Shape::Kind::kParallel));
}

inline std::shared_ptr<const policy::Policy> Workload::with_other_target(unsigned owner) {
  policy::Policy changed = *policies_[owner];
  if (changed.outbound.clauses.empty()) return policies_[owner];
  unsigned target = below(count());
  if (target == owner) target = (target + 1) % count();
  auto& clauses = changed.outbound.clauses;
  clauses[below(static_cast<unsigned>(clauses.size()))].verdict = fwd(participant(target));
  return std::make_shared<const policy::Policy>(std::move(changed));
}

}  // namespace fabrix::compiler
