#include "analyzer/active_routing.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "analyzer/bgp_target.h"
#include "analyzer/kernel_target.h"
#include "io/log.h"

namespace fabrix::analyzer {
namespace {

using telemetry::RouteChange;
using Kind = RouteChange::Kind;

telemetry::ActiveRouteOptions options_of(const exchange::ActiveRouteSite& site) {
  return {.limit4 = site.ipv4,
          .limit6 = site.ipv6,
          .min_rate = static_cast<double>(site.min_rate),
          .changes_per_second = static_cast<double>(site.changes_per_second),
          .advantage = site.advantage_percent / 100.0,
          .smoothing = std::chrono::seconds(site.smoothing_seconds),
          .hold = std::chrono::seconds(site.hold_seconds),
          .next_hops = site.next_hops};
}

std::map<net::Prefix, net::IpAddress> map_of(const telemetry::ActiveRoutes& routes,
                                             telemetry::Time now) {
  std::map<net::Prefix, net::IpAddress> map;
  for (const auto& each : routes.installed(now)) map.emplace(each.prefix, each.next_hop);
  return map;
}

}  // namespace

ActiveRouteSet::ActiveRouteSet(telemetry::Engine& engine, const exchange::ActiveRouteSite& site,
                               std::unique_ptr<RouteTarget> target)
    : engine_(engine), site_(site), target_(std::move(target)), routes_(options_of(site)) {
  engine_.routers().watch(site_.router, &routes_);
}

ActiveRouteSet::~ActiveRouteSet() {
  engine_.routers().watch(site_.router, nullptr);
}

bool ActiveRouteSet::has_table() const {
  const auto seen = engine_.routers().see(site_.router);
  return seen && seen->table.table().size() != 0;
}

void ActiveRouteSet::complain(const std::string& trouble) {
  if (!trouble.empty() && trouble != trouble_) {
    io::log_warning("telemetry", fmt::format("active routes {}: {}", site_.name, trouble));
  }
  trouble_ = trouble;
}

void ActiveRouteSet::change(std::span<const RouteChange> changes, telemetry::Time now) {
  if (changes.empty()) return;
  std::string trouble;
  for (const RouteTarget::Refused& refused : target_->change(changes)) {
    routes_.failed(refused.prefix, now);
    trouble = fmt::format("{}: {}", refused.prefix.to_string(), refused.why);
  }
  complain(trouble);
}

// What is there, and what should be: what is more goes, what is missing has been lost.
void ActiveRouteSet::look(telemetry::Time now) {
  const auto there = target_->list();
  if (!there) {
    complain(there.error().message);
    return;
  }
  std::vector<RouteChange> changes;
  auto missing = map_of(routes_, now);
  for (const auto& [prefix, next_hop] : *there) {
    const auto expected = missing.find(prefix);
    const bool is_ours = expected != missing.end();
    if (is_ours && expected->second != next_hop) {
      changes.push_back({.kind = Kind::kReplace, .prefix = prefix, .next_hop = expected->second});
    } else if (!is_ours && (has_begun_ || !routes_.adopt(prefix, next_hop, now))) {
      changes.push_back({.kind = Kind::kRemove, .prefix = prefix});
    }
    if (is_ours) missing.erase(expected);
  }
  for (const auto& [prefix, next_hop] : missing) routes_.lost(prefix);
  if (!has_begun_ && !there->empty()) {
    io::log_info("telemetry", fmt::format("active routes {}: found={} adopted={}", site_.name,
                                          there->size(), routes_.installed(now).size()));
  }
  has_begun_ = true;
  change(changes, now);
}

void ActiveRouteSet::tick(telemetry::Time now) {
  // Again and again: who else says what is bound may begin anew.
  for (const net::IpAddress& agent : site_.agents) engine_.routers().bind(agent, site_.router);
  if (now - looked_ >= kLook) {
    looked_ = now;
    look(now);
  }
  if (!has_begun_) return;
  const auto seen = engine_.routers().see(site_.router);
  const auto changes = routes_.advance(seen ? &seen->table : nullptr, now);
  change(changes, now);
}

void ActiveRouteSet::withdraw() {
  std::vector<RouteChange> changes;
  for (const auto& [prefix, next_hop] : map_of(routes_, telemetry::Time{})) {
    changes.push_back({.kind = Kind::kRemove, .prefix = prefix});
  }
  target_->change(changes);
  routes_.lost_all();
}

ActiveRouting::~ActiveRouting() {
  for (const auto& set : sets_) set->withdraw();
}

Result<std::unique_ptr<RouteTarget>> ActiveRouting::target_of(
    const exchange::ActiveRouteSite& site) const {
  std::unique_ptr<RouteTarget> target;
  if (!site.bgp) {
    FABRIX_TRY(target, KernelTarget::open(site.kernel));
  } else if (speaker_ != nullptr) {
    target = std::make_unique<BgpTarget>(*speaker_, *site.bgp);
  } else {
    return fail(Error{"nobody is told routes by BGP here"});
  }
  return target;
}

Result<void> ActiveRouting::configure(const std::vector<exchange::ActiveRouteSite>& sites) {
  std::vector<std::unique_ptr<RouteTarget>> targets;
  for (const exchange::ActiveRouteSite& site : sites) {
    FABRIX_TRY(auto target, target_of(site));
    targets.push_back(std::move(target));
  }
  auto before = std::exchange(sets_, {});
  // One that differs finds its routes in the kernel, and adopts them.
  for (auto& set : before) {
    const auto is_kept = [&](const exchange::ActiveRouteSite& site) {
      return site == set->site() || (!site.bgp && site.has_place_of(set->site()));
    };
    if (std::ranges::none_of(sites, is_kept)) set->withdraw();
    if (std::ranges::find(sites, set->site()) == sites.end()) set.reset();
  }
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const auto same = std::ranges::find_if(
        before, [&](const auto& set) { return set != nullptr && set->site() == sites[i]; });
    sets_.push_back(same != before.end() ? std::move(*same)
                                         : std::make_unique<ActiveRouteSet>(engine_, sites[i],
                                                                            std::move(targets[i])));
  }
  return {};
}

void ActiveRouting::tick(telemetry::Time now) {
  for (const auto& set : sets_) set->tick(now);
}

const ActiveRouteSet* ActiveRouting::find(std::string_view name) const {
  const auto found =
      std::ranges::find(sets_, name, [](const auto& set) { return set->site().name; });
  return found != sets_.end() ? found->get() : nullptr;
}

}  // namespace fabrix::analyzer
