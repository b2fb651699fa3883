#include "verify/answers.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>

#include "policy/route_test.h"

namespace fabrix::verify {

Answers::Answers(net::ParticipantId owner, policy::Direction direction, policy::OnRoute question,
                 const exchange::Reachability& reachability)
    : owner_(owner),
      of_its_own_(direction == policy::Direction::kInbound &&
                  question.side == policy::Side::kDestination),
      tests_(std::move(question.tests)) {
  const auto add = [&](const net::Prefix& prefix) {
    if (const auto opinion = ask(prefix, reachability)) all_.push_back(*opinion);
  };
  if (of_its_own_) {
    std::ranges::for_each(reachability.announced_by(owner_), add);
  } else {
    reachability.for_each_prefix(owner_, [&](const auto& prefix, const auto&) { add(prefix); });
  }
}

std::optional<Answers::Opinion> Answers::ask(const net::Prefix& prefix,
                                             const exchange::Reachability& reachability) const {
  const auto route = of_its_own_ ? reachability.own_route(owner_, prefix)
                                 : reachability.best_route(owner_, prefix);
  if (!route) return std::nullopt;
  return Opinion{.prefix = prefix, .holds = holds(*tests_, *route)};
}

bool Answers::ask_again(std::span<const exchange::PlacedPrefix> prefixes,
                        const exchange::Reachability& reachability) {
  std::vector<net::Prefix> asked;
  for (const exchange::PlacedPrefix& each : prefixes) asked.push_back(each.prefix);
  std::ranges::sort(asked);
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  std::vector<Opinion> before;
  std::vector<Opinion> now;
  for (const net::Prefix& prefix : asked) {
    const auto known = std::ranges::lower_bound(all_, prefix, {}, &Opinion::prefix);
    if (known != all_.end() && known->prefix == prefix) before.push_back(*known);
    if (const auto opinion = ask(prefix, reachability)) now.push_back(*opinion);
  }
  if (before == now) return false;
  std::vector<Opinion> kept;
  kept.reserve(all_.size() + now.size());
  std::ranges::set_difference(all_, before, std::back_inserter(kept));
  all_.clear();
  std::ranges::merge(kept, now, std::back_inserter(all_));
  return true;
}

std::vector<Answers::Opinion> Answers::opinions() const {
  std::vector<Opinion> result;
  std::vector<net::Prefix> around;  // where it holds, each in the one before
  for (const Opinion& each : all_) {
    while (!around.empty() && !around.back().contains(each.prefix)) around.pop_back();
    if (!each.holds && around.empty()) continue;
    if (each.holds) around.push_back(each.prefix);
    result.push_back(each);
  }
  std::ranges::stable_sort(result, std::greater{},
                           [](const Opinion& each) { return each.prefix.length(); });
  return result;
}

}  // namespace fabrix::verify
