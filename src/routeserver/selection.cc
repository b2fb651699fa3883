#include "routeserver/selection.h"

#include <algorithm>

namespace fabrix::routeserver {

void ChoiceGroups::add(const Choice& choice, const ClientSet& clients) {
  if (count_ == groups_.size()) groups_.emplace_back();
  Group& group = groups_[count_++];
  group.choice = choice;
  group.clients = clients;
}

void Selection::best(std::span<const RouteRef> routes, const ClientSet& clients,
                     ChoiceGroups& out) {
  out.clear();
  if (!routes.empty() && routes.front().set_dependent) return best_of_each(routes, clients, out);
  rest_ = clients;
  for (const RouteRef& route : Rib::accepted(routes)) {
    if (rest_.empty()) return;
    const ExportClass& exports = paths_->exports(route.path);
    for (const ExportRule& rule : exports.rules) {
      group_ = rule.clients;
      group_ &= rest_;
      if (!group_.empty()) out.add({.path = route.path, .treatment = rule.treatment}, group_);
    }
    rest_ -= exports.all;
  }
}

void Selection::best_of_each(std::span<const RouteRef> routes, const ClientSet& clients,
                             ChoiceGroups& out) {
  clients.for_each([&](PeerId client) {
    const auto choice = best(routes, client);
    if (!choice) return;
    group_ = clients;
    group_ -= clients;
    group_.insert(client);
    out.add(*choice, group_);
  });
}

std::optional<Choice> Selection::best(std::span<const RouteRef> routes, PeerId client) {
  const bool dependent = !routes.empty() && routes.front().set_dependent;
  if (dependent) {
    const auto usable = candidates(routes, client);
    if (usable.empty()) return std::nullopt;
    return Choice{.path = usable.front().path,
                  .treatment = *treatment(usable.front().path, client)};
  }
  for (const RouteRef& route : Rib::accepted(routes)) {
    if (const auto how = treatment(route.path, client)) {
      return Choice{.path = route.path, .treatment = *how};
    }
  }
  return std::nullopt;
}

std::vector<RouteRef> Selection::candidates(std::span<const RouteRef> routes, PeerId client) {
  std::vector<RouteRef> usable;
  for (const RouteRef& route : Rib::accepted(routes)) {
    if (paths_->exports(route.path).all.contains(client)) usable.push_back(route);
  }
  const bool dependent = !routes.empty() && routes.front().set_dependent;
  if (!dependent || usable.size() < 2) return usable;
  contenders_.clear();
  for (std::size_t i = 0; i < usable.size(); ++i) {
    const RouteRef& route = usable[i];
    contenders_.push_back({.preference = paths_->preference(route.path),
                           .tie = tie_(route.peer, paths_->bgp_identifier(route.path)),
                           .index = static_cast<std::uint32_t>(i)});
  }
  rank(contenders_);
  std::vector<RouteRef> ranked;
  ranked.reserve(usable.size());
  for (const Contender& contender : contenders_) ranked.push_back(usable[contender.index]);
  return ranked;
}

std::optional<Treatment> Selection::treatment(PathId path, PeerId client) const {
  for (const ExportRule& rule : paths_->exports(path).rules) {
    if (rule.clients.contains(client)) return rule.treatment;
  }
  return std::nullopt;
}

}  // namespace fabrix::routeserver
