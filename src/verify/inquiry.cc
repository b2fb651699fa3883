#include "verify/inquiry.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "verify/traffic.h"

namespace fabrix::verify {

using diagram::Diagram;
using exchange::Routes;
using net::Prefix;
using program::TableId;

Inquiry::Inquiry(const Task& task, net::ParticipantId sender)
    : task_(task),
      sender_(task.world.exchange->participant(sender)),
      space_(task.work.space),
      meaning_(task.world, sender, task.work.space, task.work.effects) {}

// Destinations whose longest announced prefix it is.
Diagram Inquiry::region_of(const Prefix& prefix) {
  if (announced_.empty()) {
    task_.world.reachability->for_each_prefix(
        sender_.id,
        [this](const Prefix& each, const Routes& /*routes*/) { announced_.push_back(each); });
  }
  std::vector<Diagram> inner;
  auto next = std::ranges::upper_bound(announced_, prefix);
  for (; next != announced_.end() && prefix.contains(*next); ++next) {
    inner.push_back(space_.of(*is_for(*next), sender_.id));
  }
  return space_.store().difference(space_.of(*is_for(prefix), sender_.id),
                                   space_.store().disjunction(inner));
}

// Most often the two agree for all destinations; only if not does it matter which are routed so.
std::optional<Inquiry::Difference> Inquiry::compare(Diagram actual, Diagram expected,
                                                    const Prefix& prefix, const Fixed& fixed) {
  const Diagram routed = task_.work.routed(*task_.world.exchange);
  if (!space_.difference(actual, expected, routed, fixed)) return std::nullopt;
  depended_on_prefix_ = true;
  const Diagram where = space_.store().conjunction(routed, region_of(prefix));
  const auto witness = space_.difference(actual, expected, where, fixed);
  if (!witness) return std::nullopt;
  return Difference{.packet = *witness,
                    .is = effect_at(task_.work, actual, *witness),
                    .should = effect_at(task_.work, expected, *witness)};
}

std::optional<Inquiry::Difference> Inquiry::by_tag(net::MacAddress tag, const Prefix& prefix,
                                                   const Routes& routes) {
  const Diagram expected = meaning_.under(routes);
  for (Fixed& fixed : entrances_of(*task_.world.exchange, sender_.id)) {
    fixed.emplace_back(net::Field::kDstMac, tag.to_u64());
    const auto actual = task_.symbolic().run(
        {.table = TableId::kAdmit, .metadata = 0, .known = known(fixed)}, TableId::kDelivered);
    if (!actual) continue;
    if (auto found = compare(*actual, space_.fix(expected, fixed), prefix, fixed)) return found;
  }
  return std::nullopt;
}

std::optional<Inquiry::Difference> Inquiry::past_policy(net::RouterId next_hop,
                                                        const Prefix& prefix,
                                                        const Routes& routes) {
  const auto& router = task_.world.exchange->router(next_hop);
  const Diagram by_default = space_.store().leaf(meaning_.forward(next_hop, {}));
  const Diagram expected = meaning_.under(routes);
  for (Fixed& fixed : entrances_of(*task_.world.exchange, sender_.id)) {
    fixed.emplace_back(net::Field::kDstMac, router.mac.to_u64());
    if (auto found = compare(by_default, space_.fix(expected, fixed), prefix, fixed)) return found;
  }
  return std::nullopt;
}

std::optional<Inquiry::Difference> Inquiry::difference(const net::IpAddress& next_hop,
                                                       const Prefix& prefix, const Routes& routes) {
  if (const auto router = task_.directory.find(next_hop)) {
    return past_policy(*router, prefix, routes);
  }
  const auto tag = task_.tag_of(sender_.id, next_hop);
  return tag ? by_tag(*tag, prefix, routes) : std::nullopt;
}

std::optional<Inquiry::Found> Inquiry::any() {
  // What tells two prefixes with the same routes and next hop apart is the address alone.
  constexpr int kMostAlike = 8;
  std::map<std::pair<Routes, net::IpAddress>, int> seen;
  std::optional<Found> found;
  task_.world.reachability->for_each_prefix(
      sender_.id, [&](const Prefix& prefix, const Routes& routes) {
        if (found || routes.empty()) return;
        const net::IpAddress next_hop = task_.next_hops.of(sender_.id, prefix);
        if (task_.directory.find(next_hop) || ++seen[{routes, next_hop}] > kMostAlike) return;
        if (auto here = difference(next_hop, prefix, routes)) {
          found.emplace(Found{*std::move(here), prefix, routes, next_hop});
        }
      });
  return found;
}

std::string Inquiry::describe(const Difference& difference) const {
  const exchange::Exchange& exchange = *task_.world.exchange;
  return fmt::format("{}, and should be {}", verify::describe(difference.is, exchange),
                     verify::describe(difference.should, exchange));
}

}  // namespace fabrix::verify
