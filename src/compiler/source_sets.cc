#include "compiler/source_sets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/port_refusals.h"
#include "compiler/source_cover.h"

namespace fabrix::compiler {
namespace {

// Rather than so many questions, everything is read at once.
constexpr std::size_t kMostQuestions = 1'000'000;

bool is_checked(const exchange::Router& router) {
  return router.is_reachable() && router.sources.mode != exchange::SourceCheck::kOff;
}

}  // namespace

SourceSets::SourceSets(const exchange::Exchange& exchange,
                       const exchange::Reachability& reachability)
    : exchange_(exchange), reachability_(reachability) {
  reconfigure();
}

void SourceSets::reconfigure() {
  known_.resize(exchange_.participants.size());
  checked_.clear();
  short_.clear();
  for (const exchange::Participant& each : exchange_.participants) {
    Known& known = known_[each.id.index()];
    known.is_checked = std::ranges::any_of(
        each.routers, [this](net::RouterId id) { return is_checked(exchange_.router(id)); });
    if (known.is_checked) {
      checked_.push_back(each.id);
    } else {
      known.announced.clear();
    }
    stale_.insert(each.id);
  }
  everything_ = true;
}

void SourceSets::set(SourceChecks checks) {
  if (std::exchange(checks_, checks) == checks) return;
  stale_.insert(checked_.begin(), checked_.end());
}

std::vector<net::ParticipantId> SourceSets::refresh(
    std::span<const exchange::PlacedPrefix> changed) {
  const bool many = changed.size() * checked_.size() > kMostQuestions;
  if (std::exchange(everything_, false) || many) {
    read_everything();
  } else if (!checked_.empty()) {
    for (const exchange::PlacedPrefix& each : changed) read(each);
  }
  std::vector<net::ParticipantId> others;
  for (const net::ParticipantId each : std::exchange(stale_, {})) {
    if (settle(each)) others.push_back(each);
  }
  return others;
}

void SourceSets::read_everything() {
  if (checked_.empty()) return;
  std::vector<std::vector<net::Prefix>> announced(known_.size());
  reachability_.for_each_route_key(
      [&](const exchange::PlacedPrefix& prefix, const exchange::RouteKey& key) {
        reachability_.routers_of(key, routers_);
        for (const net::RouterId router : routers_) {
          const net::ParticipantId owner = exchange_.router(router).participant;
          if (known_[owner.index()].is_checked) announced[owner.index()].push_back(prefix.prefix);
        }
      });
  for (const net::ParticipantId each : checked_) {
    const auto& prefixes = announced[each.index()];
    known_[each.index()].announced = std::set(prefixes.begin(), prefixes.end());
    stale_.insert(each);
  }
}

void SourceSets::read(const exchange::PlacedPrefix& prefix) {
  reachability_.route_key(prefix, key_);
  reachability_.routers_of(key_, routers_);
  for (const net::ParticipantId each : checked_) {
    auto& announced = known_[each.index()].announced;
    const bool announces = std::ranges::any_of(routers_, [&](net::RouterId router) {
      return exchange_.router(router).participant == each;
    });
    const bool is_news =
        announces ? announced.insert(prefix.prefix).second : announced.erase(prefix.prefix) != 0;
    if (is_news) stale_.insert(each);
  }
}

// Whether its sources are others.
bool SourceSets::settle(net::ParticipantId participant) {
  Known& known = known_[participant.index()];
  Sources fresh;
  short_.erase(participant);
  const bool applies = known.is_checked && checks_ == SourceChecks::kApply;
  if (applies && known.announced.size() <= kMostAnnounced) {
    auto cover = cover_of({known.announced.begin(), known.announced.end()});
    if (has_room(participant, cover)) {
      fresh = std::make_shared<const std::vector<net::Prefix>>(std::move(cover));
    }
  }
  if (known.is_checked && !fresh) short_.insert(participant);
  const bool same = known.sources == fresh || (known.sources && fresh && *known.sources == *fresh);
  if (!same) known.sources = std::move(fresh);
  return !same;
}

bool SourceSets::has_room(net::ParticipantId participant,
                          const std::vector<net::Prefix>& announced) const {
  return std::ranges::all_of(exchange_.participant(participant).routers, [&](net::RouterId id) {
    const exchange::Router& router = exchange_.router(id);
    return !is_checked(router) ||
           sources_at(router, announced).size() <= router.sources.max_prefixes;
  });
}

std::vector<Diagnostic> SourceSets::problems() const {
  std::vector<Diagnostic> all;
  if (checks_ == SourceChecks::kSuspended) return all;
  for (const net::ParticipantId each : short_) {
    Diagnostic problem;
    problem.severity = Severity::kWarning;
    problem.code = "K0105";
    problem.message = fmt::format(
        "where packets of {} come from is not checked: it announces more than its ports may tell "
        "apart",
        exchange_.participant(each).name);
    problem.help = "raise source_check.max_prefixes, or switch the check off there";
    all.push_back(std::move(problem));
  }
  return all;
}

std::vector<net::Prefix> sources_at(const exchange::Router& router,
                                    const std::vector<net::Prefix>& announced) {
  std::vector<net::Prefix> all = announced;
  const auto& allowed = router.sources.allowed;
  all.insert(all.end(), allowed.begin(), allowed.end());
  all.push_back(link_local());
  return cover_of(std::move(all));
}

}  // namespace fabrix::compiler
