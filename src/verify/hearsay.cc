#include "verify/hearsay.h"

#include <algorithm>
#include <utility>

namespace fabrix::verify {
namespace {

using exchange::PlacedPrefix;
using exchange::RouteKey;
using net::ParticipantId;
using net::Prefix;

// So many senders that changed are looked at one by one; more, with everything else.
constexpr std::size_t kFewSenders = 16;
constexpr std::size_t kLeastCases = 1024;

std::size_t hash_of(NextHops::Group group, net::Family family, const RouteKey& key) {
  std::uint64_t hash = group * 2 + (family == net::Family::kIpv4 ? 0 : 1);
  for (const std::uint64_t word : key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32U;
  }
  return hash;
}

void insert_sorted(std::vector<ParticipantId>& into, ParticipantId id) {
  into.insert(std::ranges::lower_bound(into, id), id);
}

void erase_sorted(std::vector<ParticipantId>& from, ParticipantId id) {
  const auto found = std::ranges::lower_bound(from, id);
  if (found != from.end() && *found == id) from.erase(found);
}

}  // namespace

std::size_t Hearsay::Hash::operator()(const Wanted& wanted) const {
  return hash_of(wanted.group, wanted.family, wanted.key);
}

std::size_t Hearsay::Hash::operator()(CaseId id) const {
  return (*this)(of->identity(id));
}

Hearsay::Wanted Hearsay::identity(CaseId id) const {
  const Case& one = *cases_[id.index()];
  return {.group = one.group, .family = one.prefix.family(), .key = one.key};
}

bool Hearsay::is(CaseId id, const Wanted& wanted) const {
  const Case& one = *cases_[id.index()];
  return one.group == wanted.group && one.prefix.family() == wanted.family && one.key == wanted.key;
}

void Hearsay::forget() {
  index_.clear();
  cases_.clear();
  free_.clear();
  by_router_.clear();
  others_ = 0;
  sweep_at_ = kLeastCases;
  complete_ = false;
}

void Hearsay::list(ParticipantId id) {
  const auto& told = told_[id.index()];
  if (!told) return;
  for (const ParticipantId each : told->targets()) insert_sorted(by_target_[each.index()], id);
  if (told->minds_all()) insert_sorted(everywhere_, id);
  if (told->minds_routes()) insert_sorted(minding_, id);
}

void Hearsay::unlist(ParticipantId id) {
  const auto& told = told_[id.index()];
  if (!told) return;
  for (const ParticipantId each : told->targets()) erase_sorted(by_target_[each.index()], id);
  if (told->minds_all()) erase_sorted(everywhere_, id);
  if (told->minds_routes()) erase_sorted(minding_, id);
}

// What it is told is judged by its present policy and claims: whether that makes a difference.
bool Hearsay::renew(const Task& task, ParticipantId id) {
  auto& told = told_[id.index()];
  std::optional<Told> now;
  if (!task.world.exchange->participant(id).routers.empty()) now.emplace(task, id);
  if (now && told && now->judges_like(*told)) return false;
  unlist(id);
  told = std::move(now);
  list(id);
  return true;
}

// Those who are to be looked at.
std::vector<ParticipantId> Hearsay::renew_all(const Plan& plan, const Task& task) {
  std::vector<ParticipantId> all = plan.told.ids();
  for (const ParticipantId id : plan.told.ids()) renew(task, id);
  for (const ParticipantId id : plan.judging.ids()) {
    if (plan.told.contains(id)) continue;
    const bool other = renew(task, id);
    const auto telling = task.next_hops.telling(id);
    if (other || !telling || versions_[id.index()] != telling->version) all.push_back(id);
  }
  return all;
}

std::size_t Hearsay::check(const Plan& plan, const Task& task) {
  const std::size_t participants = task.world.exchange->participants.size();
  told_.resize(participants);
  by_target_.resize(participants);
  marks_.resize(participants);
  versions_.resize(participants);
  const std::vector<ParticipantId> senders = renew_all(plan, task);
  const std::uint64_t grouping = task.next_hops.grouping();
  const bool same = std::exchange(grouping_, grouping) == grouping && complete_;
  if (plan.full) return check_all(task);
  if (minding_.empty()) {
    forget();
    return 0;
  }
  if (!same || senders.size() > kFewSenders) return check_all(task);
  std::size_t looked_at = plan.prefixes.size();
  for (const ParticipantId id : senders) looked_at += check_sender(task, id);
  for (const PlacedPrefix& prefix : plan.prefixes) {
    task.world.reachability->route_key(prefix, key_);
    check_prefix(task, prefix, key_);
  }
  return looked_at;
}

std::size_t Hearsay::check_all(const Task& task) {
  forget();
  std::size_t looked_at = 0;
  task.world.reachability->for_each_route_key([&](const PlacedPrefix& prefix, const RouteKey& key) {
    ++looked_at;
    check_prefix(task, prefix, key);
  });
  complete_ = true;
  for (const exchange::Participant& each : task.world.exchange->participants) {
    const auto telling = task.next_hops.telling(each.id);
    versions_[each.id.index()] = telling ? std::optional(telling->version) : std::nullopt;
  }
  return looked_at;
}

void Hearsay::check_prefix(const Task& task, const PlacedPrefix& placed, const RouteKey& key) {
  if (key.empty() || task.findings.full()) return;
  const Prefix& prefix = placed.prefix;
  const Wanted wanted{.group = task.next_hops.group(placed), .family = prefix.family(), .key = key};
  // Many a prefix comes after one of the same case.
  const bool is_there = last_.index() < cases_.size() && cases_[last_.index()];
  if (is_there && !cases_[last_.index()]->varies && is(last_, wanted)) return;
  const auto known = index_.find(wanted);
  if (known != index_.end()) last_ = *known;
  if (known != index_.end() && !cases_[known->index()]->varies) return;
  const CaseId id = known != index_.end() ? *known : add(task, prefix, wanted);
  Case& one = *cases_[id.index()];
  if (check_case(task, one, prefix) == Told::Verdict::kRightHere) one.varies = true;
}

Hearsay::CaseId Hearsay::add(const Task& task, const Prefix& prefix, const Wanted& wanted) {
  if (index_.size() >= sweep_at_) {
    sweep(task);
    sweep_at_ = std::max(kLeastCases, 2 * index_.size());
  }
  CaseId id{static_cast<std::uint32_t>(cases_.size())};
  if (free_.empty()) {
    cases_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  Case one{.group = wanted.group,
           .key = wanted.key,
           .routers = {},
           .prefix = prefix,
           .has_other = task.next_hops.has_other(wanted.key)};
  one.varies = one.has_other;
  task.world.reachability->routers_of(wanted.key, one.routers);
  if (one.has_other) ++others_;
  cases_[id.index()].emplace(std::move(one));
  index_.insert(id);
  post(id);
  return id;
}

void Hearsay::post(CaseId id) {
  for (const net::RouterId router : cases_[id.index()]->routers) {
    if (router.index() >= by_router_.size()) by_router_.resize(router.index() + 1);
    by_router_[router.index()].push_back(id);
  }
}

// Forgets cases that no prefix is in any more.
void Hearsay::sweep(const Task& task) {
  for (std::uint32_t i = 0; i < cases_.size(); ++i) {
    const auto& one = cases_[i];
    if (!one || task.next_hops.has(one->group, one->prefix.family())) continue;
    index_.erase(CaseId{i});
    if (one->has_other) --others_;
    cases_[i].reset();
    free_.push_back(CaseId{i});
  }
  by_router_.clear();
  for (const CaseId id : index_) post(id);
}

// Whether it is the first time in this round.
bool Hearsay::mark(ParticipantId id) {
  return id.index() < marks_.size() && std::exchange(marks_[id.index()], round_) != round_;
}

// Everybody: who is told another next hop than the best route's, and who may have to be.
Told::Verdict Hearsay::check_case(const Task& task, const Case& one, const Prefix& prefix) {
  ++round_;
  Told::Verdict worst = Told::Verdict::kRight;
  const auto check_next = [&](ParticipantId client, std::optional<net::IpAddress> instead) {
    if (mark(client)) worst = std::max(worst, check_client(task, one, prefix, instead, client));
  };
  task.next_hops.list(one.group, prefix.family(), list_);
  for (const exchange::ClientNextHop& each : list_) check_next(each.client, each.address);
  if (one.has_other) {
    for (const ParticipantId each : minding_) check_next(each, std::nullopt);
    return worst;
  }
  for (const net::RouterId router : one.routers) {
    const ParticipantId owner = task.world.exchange->router(router).participant;
    for (const ParticipantId each : by_target_[owner.index()]) check_next(each, std::nullopt);
  }
  for (const ParticipantId each : everywhere_) check_next(each, std::nullopt);
  return worst;
}

Told::Verdict Hearsay::check_client(const Task& task, const Case& one, const Prefix& prefix,
                                    std::optional<net::IpAddress> instead, ParticipantId client) {
  auto& told = told_[client.index()];
  if (!told || task.findings.full()) return Told::Verdict::kRight;
  task.world.reachability->routes_of(client, one.key, routes_);
  if (routes_.empty()) return Told::Verdict::kRight;
  if (!instead && one.has_other) instead = task.next_hops.of(client, prefix);
  return told->check(task, {.prefix = prefix, .routes = routes_, .next_hop = instead});
}

bool Hearsay::is_concerned(const Task& task, const Case& one, ParticipantId sender) const {
  const auto& told = told_[sender.index()];
  if (!told || !told->minds_routes()) return false;
  if (one.has_other || told->minds_all()) return true;
  return std::ranges::any_of(one.routers, [&](net::RouterId router) {
    return std::ranges::binary_search(told->targets(),
                                      task.world.exchange->router(router).participant);
  });
}

// Whether the best route's own next hop is right of all prefixes of the case.
bool Hearsay::is_right_by_route(const Task& task, const Case& one, ParticipantId client) {
  task.world.reachability->routes_of(client, one.key, routes_);
  return routes_.empty() || told_[client.index()]->may_pass_by(task, routes_, one.prefix.family());
}

void Hearsay::look_at(const Task& task, ParticipantId sender, Case& one, Sight& sight) {
  if (std::exchange(one.seen, sender_round_) == sender_round_) return;
  const net::Family family = one.prefix.family();
  const auto instead = task.next_hops.instead(one.group, family, sender);
  if (!instead && !is_concerned(task, one, sender)) return;
  if (!task.next_hops.has(one.group, family)) return;  // of no prefix any more
  ++sight.looked_at;
  if (instead) ++sight.told;
  // The prefix that was its first may be in another case now.
  if (!one.varies && !instead) one.varies = !is_right_by_route(task, one, sender);
  if (one.varies) {
    sight.varies = true;
  } else if (instead) {
    check_client(task, one, one.prefix, instead, sender);
  }
}

// In all cases with routes of its targets.
void Hearsay::look_at_targets(const Task& task, ParticipantId sender, Sight& sight) {
  std::vector<net::RouterId> routers;
  for (const ParticipantId target : told_[sender.index()]->targets()) {
    const auto& own = task.world.exchange->participant(target).routers;
    routers.insert(routers.end(), own.begin(), own.end());
  }
  for (const net::RouterId router : routers) {
    if (router.index() >= by_router_.size()) continue;
    for (const CaseId id : by_router_[router.index()]) {
      look_at(task, sender, *cases_[id.index()], sight);
    }
  }
}

// All that one participant is told; how many cases that is.
std::size_t Hearsay::check_sender(const Task& task, ParticipantId sender) {
  if (!told_[sender.index()]) return 0;
  Sight sight;
  ++sender_round_;
  look_at_targets(task, sender, sight);
  const auto telling = task.next_hops.telling(sender);
  const bool is_all = telling && telling->groups == sight.told && others_ == 0 &&
                      !told_[sender.index()]->minds_all();
  if (!is_all) {
    for (auto& one : cases_) {
      if (one) look_at(task, sender, *one, sight);
    }
  }
  if (sight.varies) check_prefixes_of(task, sender);
  versions_[sender.index()] = telling ? std::optional(telling->version) : std::nullopt;
  return sight.looked_at;
}

// Each prefix in cases that are not right whatever the prefix.
void Hearsay::check_prefixes_of(const Task& task, ParticipantId sender) {
  std::vector<Prefix> prefixes;
  task.world.reachability->for_each_prefix(
      sender, [&](const Prefix& prefix, const exchange::Routes&) { prefixes.push_back(prefix); });
  for (const Prefix& prefix : prefixes) {
    const PlacedPrefix placed = task.world.reachability->placed(prefix);
    task.world.reachability->route_key(placed, key_);
    const NextHops::Group group = task.next_hops.group(placed);
    const auto known = index_.find(Wanted{.group = group, .family = prefix.family(), .key = key_});
    if (known == index_.end() || !cases_[known->index()]->varies) continue;
    const Case& one = *cases_[known->index()];
    check_client(task, one, prefix, task.next_hops.instead(group, prefix.family(), sender), sender);
  }
}

}  // namespace fabrix::verify
