#include "verify/hearsay.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/ahead.h"

namespace fabrix::verify {
namespace {

using exchange::PlacedPrefix;
using exchange::RouteKey;
using net::ParticipantId;
using net::Prefix;

// So many senders that changed are looked at one by one; more, with everything else.
constexpr std::size_t kFewSenders = 16;
constexpr std::size_t kLeastCases = 1024;

std::vector<net::RouterId> routers_of(const Task& task, std::span<const ParticipantId> of) {
  std::vector<net::RouterId> routers;
  for (const ParticipantId each : of) {
    const auto& own = task.world.exchange->participant(each).routers;
    routers.insert(routers.end(), own.begin(), own.end());
  }
  return routers;
}

}  // namespace

std::size_t Hearsay::Hash::operator()(const Wanted& wanted) const {
  std::uint64_t hash = wanted.group * 2 + (wanted.family == net::Family::kIpv4 ? 0 : 1);
  for (const std::uint64_t word : wanted.key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32U;
  }
  return hash;
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
  postings_.clear();
  words_.clear();
  others_ = 0;
  sweep_at_ = kLeastCases;
  complete_ = false;
}

void Hearsay::list(ParticipantId id) {
  const auto& told = told_[id.index()];
  if (!told) return;
  for (const ParticipantId each : told->targets()) by_target_[each.index()].insert(id);
  if (told->minds_all()) everywhere_.insert(id);
  if (told->minds_routes()) minding_.insert(std::ranges::lower_bound(minding_, id), id);
}

void Hearsay::unlist(ParticipantId id) {
  const auto& told = told_[id.index()];
  if (!told) return;
  for (const ParticipantId each : told->targets()) by_target_[each.index()].erase(id);
  if (told->minds_all()) everywhere_.erase(id);
  if (told->minds_routes()) std::erase(minding_, id);
}

// By its present policy and claims: whether, and where, that makes a difference.
std::optional<Hearsay::Suspect> Hearsay::renew(const Plan& plan, const Task& task,
                                               ParticipantId id) {
  auto& told = told_[id.index()];
  std::optional<Told> now;
  if (!task.world.exchange->participant(id).routers.empty()) now.emplace(task, id);
  if (now && told && now->judges_like(*told)) return std::nullopt;
  Suspect suspect{.sender = id};
  if (now && told) suspect.about = now->succeed(*told, task.program, plan.neighbors);
  unlist(id);
  told = std::move(now);
  list(id);
  return suspect;
}

// Those who are to be looked at.
std::vector<Hearsay::Suspect> Hearsay::renew_all(const Plan& plan, const Task& task) {
  std::vector<Suspect> all;
  for (const ParticipantId id : plan.told.ids()) {
    renew(plan, task, id);
    all.push_back({.sender = id, .version = task.next_hops.version(id)});
  }
  for (const ParticipantId id : plan.judging.ids()) {
    if (plan.told.contains(id)) continue;
    auto suspect = renew(plan, task, id);
    const auto version = task.next_hops.version(id);
    const auto& known = versions_[id.index()];
    const bool same_words = version && known == version;
    if (same_words && (!suspect || (suspect->is_about_nobody() && others_ == 0))) continue;
    if (!suspect) suspect = Suspect{.sender = id};
    const bool perhaps_for_routes = !same_words && !plan.prefixes.empty();
    if (!version || !known || others_ != 0 || perhaps_for_routes) suspect->about.reset();
    suspect->version = version;
    all.push_back(*std::move(suspect));
  }
  return all;
}

std::size_t Hearsay::check(const Plan& plan, const Task& task) {
  const std::size_t participants = task.world.exchange->participants.size();
  told_.resize(participants);
  by_target_.resize(participants);
  marks_.resize(participants);
  versions_.resize(participants);
  const std::vector<Suspect> suspects = renew_all(plan, task);
  const std::uint64_t grouping = task.next_hops.grouping();
  const bool same = std::exchange(grouping_, grouping) == grouping && complete_;
  if (plan.full) return check_all(task);
  if (minding_.empty()) {
    forget();
    return 0;
  }
  if (!same || suspects.size() > kFewSenders) return check_all(task);
  // First what is new, so that check_sender() finds all words there are.
  task.world.reachability->visit_route_keys(
      plan.prefixes, key_, [&](const PlacedPrefix& prefix) { check_prefix(task, prefix, key_); });
  std::size_t looked_at = plan.prefixes.size();
  for (const Suspect& each : suspects) looked_at += check_sender(task, each);
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
    versions_[each.id.index()] = task.next_hops.version(each.id);
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

CaseId Hearsay::add(const Task& task, const Prefix& prefix, const Wanted& wanted) {
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
           .others = {},
           .words = {},
           .has_other = task.next_hops.has_other(wanted.key)};
  one.varies = one.has_other;
  task.world.reachability->routers_of(wanted.key, one.routers);
  share(task, one);
  if (one.has_other) ++others_;
  cases_[id.index()].emplace(std::move(one));
  index_.insert(id);
  post(id);
  return id;
}

// Finds the words that it shares with others, if any.
void Hearsay::share(const Task& task, Case& one) {
  const auto* shares = task.next_hops.shares();
  const bool is_alike = shares != nullptr && !one.has_other &&
                        task.world.reachability->alike_but_for(one.key, one.others) &&
                        shares->shares_of(one.group, shares_) &&
                        shares_.size() == one.routers.size();
  if (!is_alike) return one.others.clear();
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    one.words.push_back(words_.enter({.share = shares_[i],
                                      .family = one.prefix.family(),
                                      .best = one.routers.front(),
                                      .router = one.routers[i]}));
  }
}

void Hearsay::post(CaseId id) {
  const Case& one = *cases_[id.index()];
  postings_.add({.id = id, .routers = one.routers, .words = one.words, .others = one.others});
}

// Forgets cases that no prefix is in any more.
void Hearsay::sweep(const Task& task) {
  for (std::uint32_t i = 0; i < cases_.size(); ++i) {
    const auto& one = cases_[i];
    if (!one || task.next_hops.has(one->group, one->prefix.family())) continue;
    index_.erase(CaseId{i});
    if (one->has_other) --others_;
    for (const SharedWords::Id each : one->words) words_.leave(each);
    cases_[i].reset();
    free_.push_back(CaseId{i});
  }
  postings_.clear();
  for (const CaseId id : index_) post(id);
}

// Whether it is the first time in this round.
bool Hearsay::mark(ParticipantId id) {
  return id.index() < marks_.size() && std::exchange(marks_[id.index()], round_) != round_;
}

// Everybody: who is told another next hop than the best route's, and who may have to be.
Told::Verdict Hearsay::check_case(const Task& task, const Case& one, const Prefix& prefix) {
  if (!one.words.empty()) return check_shared(task, one, prefix);
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
    by_target_[owner.index()].for_each([&](ParticipantId each) { check_next(each, std::nullopt); });
  }
  everywhere_.for_each([&](ParticipantId each) { check_next(each, std::nullopt); });
  return worst;
}

// Those whom the shared words are not enough for.
Told::Verdict Hearsay::check_shared(const Task& task, const Case& one, const Prefix& prefix) {
  special_ = everywhere_;
  asking_.clear();
  for (const net::RouterId router : one.routers) {
    const Participants& asking =
        by_target_[task.world.exchange->router(router).participant.index()];
    both_ = asking;
    both_ &= asking_;
    special_ |= both_;
    asking_ |= asking;
  }
  for (const ParticipantId each : one.others) {
    if (asking_.contains(each)) special_.insert(each);
  }
  task.next_hops.shares()->own_clients(one.group, clients_);
  for (const ParticipantId each : clients_) special_.insert(each);
  for (const SharedWords::Id id : one.words) {
    SharedWord& word = words_[id];
    if (word.version != task.next_hops.shares()->version(word.key.share)) judge(task, word);
    for (const ParticipantId each : word.doubtful) special_.insert(each);
  }
  Told::Verdict worst = Told::Verdict::kRight;
  special_.for_each([&](ParticipantId each) {
    const auto instead = task.next_hops.instead(one.group, prefix.family(), each);
    worst = std::max(worst, check_client(task, one, prefix, instead, each));
  });
  return worst;
}

// Of everybody who minds the router, or is told something by the share.
void Hearsay::judge(const Task& task, SharedWord& word) {
  const auto& [share, family, best, router] = word.key;
  word.version = task.next_hops.shares()->version(share);
  word.doubtful.clear();
  task.next_hops.shares()->words_of(share, family, list_);
  asking_ = by_target_[task.world.exchange->router(router).participant.index()];
  for (const exchange::ClientNextHop& each : list_) {
    const bool asks = asking_.contains(each.client);
    if (!asks || !is_right(task, word, each.client, each.address)) {
      word.set_doubtful(each.client, true);
    }
    asking_.erase(each.client);
  }
  asking_.for_each([&](ParticipantId each) {
    if (!is_right(task, word, each, std::nullopt)) word.set_doubtful(each, true);
  });
}

bool Hearsay::is_right(const Task& task, const SharedWord& word, ParticipantId client,
                       const std::optional<net::IpAddress>& next_hop) {
  auto& told = told_[client.index()];
  routes_ = {word.key.best};
  if (word.key.router != word.key.best) routes_.push_back(word.key.router);
  return told && told->is_right(task, routes_, word.key.family, next_hop);
}

Told::Verdict Hearsay::check_client(const Task& task, const Case& one, const Prefix& prefix,
                                    std::optional<net::IpAddress> instead, ParticipantId client) {
  auto& told = told_[client.index()];
  if (!told || task.findings.full()) return Told::Verdict::kRight;
  const exchange::Routes& routes = routes_of(task, one, client);
  if (routes.empty()) return Told::Verdict::kRight;
  if (!instead && one.has_other) instead = task.next_hops.of(client, prefix);
  return told->check(task, {.prefix = prefix, .routes = routes, .next_hop = instead});
}

// Good until the next call.
const exchange::Routes& Hearsay::routes_of(const Task& task, const Case& one,
                                           ParticipantId client) {
  const bool has_all = !one.words.empty() && !std::ranges::binary_search(one.others, client);
  if (has_all) return one.routers;
  task.world.reachability->routes_of(client, one.key, routes_);
  return routes_;
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
  const exchange::Routes& routes = routes_of(task, one, client);
  return routes.empty() || told_[client.index()]->may_pass_by(task, routes, one.prefix.family());
}

void Hearsay::look_at(const Task& task, ParticipantId sender, Case& one, Sight& sight) {
  if (std::exchange(one.seen, sender_round_) == sender_round_) return;
  const net::Family family = one.prefix.family();
  const auto instead = task.next_hops.instead(one.group, family, sender);
  if (!instead && !is_concerned(task, one, sender)) return;
  if (!task.next_hops.has(one.group, family)) return;  // of no prefix any more
  ++sight.looked_at;
  const bool is_own = one.words.empty() || task.next_hops.shares()->speaks_of(one.group, sender);
  if (instead && is_own) ++sight.told;
  // The prefix that was its first may be in another case now.
  if (!one.varies && !instead) one.varies = !is_right_by_route(task, one, sender);
  if (one.varies) {
    sight.varies = true;
  } else if (instead) {
    check_client(task, one, one.prefix, instead, sender);
  }
}

// In all cases with routes of its targets, or of those suspected, that words are not enough for.
void Hearsay::look_at_targets(const Task& task, const Suspect& suspect, Sight& sight) {
  const auto about = suspect.about.value_or(std::vector<ParticipantId>{});
  std::vector<ParticipantId> asked;
  std::ranges::set_union(told_[suspect.sender.index()]->targets(), about,
                         std::back_inserter(asked));
  const auto routers = routers_of(task, asked);
  const auto concerned = suspect.about ? routers_of(task, about) : routers;
  const auto& special = postings_.special_to(suspect.sender, routers);
  minded_.clear();
  for (const net::RouterId router : routers) minded_.insert(router);
  suspect_words_.clear();
  suspect_cases_.clear();
  for (const net::RouterId router : concerned) {
    for (const auto& each : postings_.of_router(router)) {
      if (special.contains(each.id)) suspect_cases_.push_back(each.id);
    }
    for (const SharedWords::Id each : words_.of_router(router)) suspect_words_.insert(each);
  }
  in_strips(std::span<const CaseId>(suspect_cases_), [&](std::span<const CaseId> strip) {
    expect(task, suspect.sender, strip);
    for (const CaseId id : strip) {
      Case& one = *cases_[id.index()];
      look_at(task, suspect.sender, one, sight);
      if (suspect.about) suspect_words_of(one);
    }
  });
  look_at_words(task, suspect.sender, special, sight);
}

// Other shares may speak of it now, or may have ceased to.
void Hearsay::suspect_words_of(const Case& one) {
  for (std::size_t i = 0; i < one.words.size(); ++i) {
    if (minded_.contains(one.routers[i])) suspect_words_.insert(one.words[i]);
  }
}

// They are looked at next.
void Hearsay::expect(const Task& task, ParticipantId sender, std::span<const CaseId> cases) {
  for (const CaseId id : cases) send_for(cases_[id.index()]);
  groups_.clear();
  for (const CaseId id : cases) {
    const Case& one = *cases_[id.index()];
    groups_.push_back(one.group);
    read_ahead_all(one.routers);
    read_ahead_all(one.others);
    read_ahead_all(one.words);
  }
  task.next_hops.expect(groups_, sender);
}

// The suspect ones, and where one is not right, the cases with it.
void Hearsay::look_at_words(const Task& task, ParticipantId sender, const BitSet<CaseId>& special,
                            Sight& sight) {
  const auto* shares = task.next_hops.shares();
  const auto& own = task.world.exchange->participant(sender).routers;
  std::vector<SharedWords::Id> suspect;
  suspect_words_.for_each([&suspect](SharedWords::Id id) { suspect.push_back(id); });
  BitSet<SharedWords::Id> doubtful;
  BitSet<net::RouterId> routers;
  const auto look = [&](SharedWords::Id id) {
    SharedWord& word = words_[id];
    // It is one of the others in all cases with a route of its own.
    if (std::ranges::find(own, word.key.best) != own.end()) return;
    if (!shares->has_share(word.key.share, word.key.family)) return;
    ++sight.looked_at;
    const auto next_hop = shares->word_of(word.key.share, word.key.family, sender);
    if (next_hop) ++sight.told;
    const bool right = is_right(task, word, sender, next_hop);
    word.set_doubtful(sender, !right);
    if (right) return;
    doubtful.insert(id);
    routers.insert(word.key.router);
  };
  in_strips(std::span<const SharedWords::Id>(suspect), [&](auto strip) {
    for (const SharedWords::Id id : strip) send_for(words_[id]);
    shares_.clear();
    for (const SharedWords::Id id : strip) shares_.push_back(words_[id].key.share);
    shares->expect(shares_, sender);
    std::ranges::for_each(strip, look);
  });
  routers.for_each([&](net::RouterId router) {
    for (const auto& each : postings_.of_router(router)) {
      if (special.contains(each.id) || !doubtful.contains(each.word)) continue;
      look_at(task, sender, *cases_[each.id.index()], sight);
    }
  });
}

// All that one participant is told, or may be told otherwise; how many cases that is.
std::size_t Hearsay::check_sender(const Task& task, const Suspect& suspect) {
  const ParticipantId sender = suspect.sender;
  if (!told_[sender.index()]) return 0;
  Sight sight;
  ++sender_round_;
  look_at_targets(task, suspect, sight);
  const auto has_seen_all = [&] {
    return suspect.version && others_ == 0 && !told_[sender.index()]->minds_all() &&
           task.next_hops.words(sender) == sight.told;
  };
  if (!suspect.about && !has_seen_all()) {
    for (auto& one : cases_) {
      if (one) look_at(task, sender, *one, sight);
    }
  }
  if (sight.varies) check_prefixes_of(task, sender);
  versions_[sender.index()] = suspect.version;
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
