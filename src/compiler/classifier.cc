#include "compiler/classifier.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/ahead.h"

namespace fabrix::compiler {
namespace {

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

template <typename Id>
void sort_out(std::vector<Id>& ids) {
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// The routers of targets that only one of them has: what a group's class is depends on no other.
// Both sorted by target.
std::vector<net::RouterId> routers_of_others(const std::vector<CodedTarget>& a,
                                             const std::vector<CodedTarget>& b) {
  std::vector<net::RouterId> routers;
  const auto add = [&routers](const auto& of, const auto& than) {
    for (const CodedTarget& each : of) {
      const auto same = std::ranges::lower_bound(than, each.target, {}, &CodedTarget::target);
      if (same != than.end() && *same == each) continue;
      routers.insert(routers.end(), each.routers.begin(), each.routers.end());
    }
  };
  add(a, b);
  add(b, a);
  sort_out(routers);
  return routers;
}

}  // namespace

void Classifier::policy_changed(net::ParticipantId sender) {
  other_policies_.push_back(sender);
}

// Its classes have changed: that matters if one of them is to be settled.
void Classifier::note_classes_of(net::ParticipantId sender) {
  if (senders_[sender.index()].classes().has_unsettled()) touched_.insert(sender);
}

void Classifier::forget_routes() {
  for (const GroupId id : groups_.all()) {
    for (const Member& each : groups_[id].members) take_out(groups_[id], each);
  }
  shares_.clear();
  groups_.clear();
  places_.clear();
  is_read_ = false;
  ++grouping_;
}

Classifier::Outcome Classifier::update(std::span<const exchange::PlacedPrefix> changed, Need need) {
  Outcome outcome;
  const auto others = take_policies();
  if (is_read_) {
    for (const Other& each : others) look_again_for(each);
    reachability_.visit_route_keys(
        changed, key_, [this](const exchange::PlacedPrefix& prefix) { put(prefix, key_); });
    if (need == Need::kNothing) forget_routes();
  } else if (need == Need::kGroups) {
    read_all();
    outcome.read_everything = true;
  }
  announcers_.for_each([&](net::RouterId each) { outcome.announcers.push_back(each); });
  announcers_.clear();
  noted_ = {};
  touched_.for_each([&](net::ParticipantId each) { outcome.touched.push_back(each); });
  touched_.clear();
  expect_settling(senders_, outcome.touched);
  return outcome;
}

Classifier::Asked Classifier::asked_of(net::ParticipantId sender) const {
  Asked asked;
  const OutboundPolicy* policy = senders_[sender.index()].policy();
  if (policy == nullptr) return asked;
  asked.targets = policy->targets();
  asked.every = policy->needs_every_prefix();
  if (asked.every) return asked;
  for (const CodedTarget& target : asked.targets) {
    asked.routers.insert(asked.routers.end(), target.routers.begin(), target.routers.end());
  }
  sort_out(asked.routers);
  return asked;
}

void Classifier::enlist(net::ParticipantId sender, const Asked& asked) {
  for (const net::RouterId router : asked.routers) {
    if (router.index() >= by_router_.size()) by_router_.resize(router.index() + 1);
    by_router_[router.index()].insert(sender);
  }
  if (asked.every) everywhere_.insert(sender);
}

void Classifier::delist(net::ParticipantId sender, const Asked& asked) {
  for (const net::RouterId router : asked.routers) by_router_[router.index()].erase(sender);
  if (asked.every) everywhere_.erase(sender);
}

// Those whose policies ask for something else than before.
std::vector<Classifier::Other> Classifier::take_policies() {
  sort_out(other_policies_);
  asked_.resize(senders_.size());
  std::vector<Other> others;
  for (const net::ParticipantId each : std::exchange(other_policies_, {})) {
    touched_.insert(each);
    Asked now = asked_of(each);
    Asked& asked = asked_[each.index()];
    if (asked.targets == now.targets && asked.every == now.every) continue;
    delist(each, asked);
    enlist(each, now);
    others.push_back({.sender = each, .asked_before = std::exchange(asked, std::move(now))});
  }
  return others;
}

// Its shares first lose the routers that mean something else now, then gain them; when it is known
// which groups do without them, it gets its classes there.
void Classifier::look_again_for(const Other& other) {
  const net::ParticipantId sender = other.sender;
  const Asked& before = other.asked_before;
  const Asked& now = asked_[sender.index()];
  std::vector<net::RouterId> asked;
  std::ranges::set_union(before.routers, now.routers, std::back_inserter(asked));
  const bool every = before.every || now.every;
  minded_.clear();
  for (const net::RouterId each : now.routers) minded_.insert(each);
  if (every) {
    senders_[sender.index()].told_anew_of_all();
  } else {
    senders_[sender.index()].told_anew();
  }
  const auto changed = every ? asked : routers_of_others(before.targets, now.targets);
  const auto for_each_changed_of = [&changed](const Asked& of, const auto& visit) {
    for (const net::RouterId each : changed) {
      if (std::ranges::binary_search(of.routers, each)) visit(each);
    }
  };
  for_each_changed_of(before, [&](net::RouterId each) { shares_.delist(sender, each); });
  for_each_changed_of(now, [&](net::RouterId each) { shares_.enlist(sender, each); });
  const auto special = every ? groups_.all() : groups_.special(changed, sender, asked);
  in_strips(std::span<const GroupId>(special), [&](std::span<const GroupId> strip) {
    expect(strip, sender);
    for (const GroupId id : strip) look_again(groups_[id], sender, changed);
  });
  for_each_changed_of(now, [&](net::RouterId each) { shares_.settle(sender, each); });
}

// They are looked at next.
void Classifier::expect(std::span<const GroupId> groups, net::ParticipantId sender) const {
  for (const GroupId id : groups) send_for(groups_[id]);
  for (const GroupId id : groups) {
    const RouteGroup& group = groups_[id];
    read_ahead_all(group.members);
    read_ahead_all(group.routers);
    read_ahead_all(group.key);
    read_ahead_all(group.shares);
  }
  for (const GroupId id : groups) {
    const RouteGroup& group = groups_[id];
    for (std::size_t i = 0; i < group.shares.size(); ++i) {
      if (minded_.contains(group.routers[i])) send_for(shares_[group.shares[i]]);
    }
  }
  for (const GroupId id : groups) {
    const RouteGroup& group = groups_[id];
    for (std::size_t i = 0; i < group.shares.size(); ++i) {
      if (!minded_.contains(group.routers[i])) continue;
      const auto* sharer = shares_.sharer(shares_[group.shares[i]], sender);
      if (sharer != nullptr) send_for(*sharer);
    }
  }
}

// Its class of its own there, and what shares have to know of that.
void Classifier::look_again(RouteGroup& group, net::ParticipantId sender,
                            std::span<const net::RouterId> changed) {
  const bool was_member = expel(group, sender);
  const bool is_member = is_special(group, sender) && enter(group, sender);
  for (std::size_t i = 0; i < group.shares.size(); ++i) {
    const net::RouterId router = group.routers[i];
    if (!minded_.contains(router)) continue;
    const bool was_excepted = was_member && !std::ranges::binary_search(changed, router);
    if (is_member && !was_excepted) shares_.except(group.shares[i], group, sender);
    if (!is_member && was_excepted) shares_.include(group.shares[i], group, sender);
  }
}

// Whether it takes a class of its own to say what the sender's is, of look_again_for().
bool Classifier::is_special(const RouteGroup& group, net::ParticipantId sender) const {
  if (!group.is_alike || asked_[sender.index()].every) return true;
  const auto count = std::ranges::count_if(
      group.routers, [&](net::RouterId router) { return minded_.contains(router); });
  return count > 1 || (count == 1 && std::ranges::binary_search(group.others, sender));
}

void Classifier::read_all() {
  is_read_ = true;
  ++grouping_;
  reachability_.for_each_route_key([this](const exchange::PlacedPrefix& prefix,
                                          const exchange::RouteKey& key) { put(prefix, key); });
  announcers_.clear();
  noted_ = {};
}

void Classifier::put(const exchange::PlacedPrefix& prefix, const exchange::RouteKey& key) {
  const GroupId before = places_.find(prefix.place);
  if (before != kNoGroup ? groups_[before].key == key : key.empty()) return;
  const GroupId now = key.empty() ? kNoGroup : obtain(key, before);
  note_announcers(before, now);
  places_.assign(prefix.place, now);
  const net::Family family = prefix.prefix.family();
  if (now != kNoGroup) join(now, family);
  if (before != kNoGroup) leave(before, family);
}

GroupId Classifier::obtain(const exchange::RouteKey& key, GroupId like) {
  // Many a prefix comes after one with the same routes.
  const RouteGroup* last = groups_.get(obtained_);
  if (last != nullptr && last->key == key) return obtained_;
  obtained_ = groups_.find(key);
  if (obtained_ != kNoGroup) return obtained_;
  RouteGroup made;
  made.key = key;
  reachability_.routers_of(key, made.routers);
  made.is_alike = reachability_.alike_but_for(key, made.others);
  const GroupId id = groups_.add(std::move(made));
  obtained_ = id;
  RouteGroup& group = groups_[id];
  if (group.is_alike) {
    share(group);
  } else {
    note_interested_in(group);
    if (like != kNoGroup && !groups_[like].is_alike) take_members(group, groups_[like]);
    enter(group, interested_);
  }
  return id;
}

// Those of the other group's members that have the same class here, and whoever is none there for
// the same reason, are interested no more.
void Classifier::take_members(RouteGroup& group, const RouteGroup& other) {
  if (!reachability_.differ_behind_first(group.key, other.key, routes_)) return;
  asking_ = everywhere_;
  note_asking(routes_, asking_);
  for (const Member& each : other.members) {
    if (asking_.contains(each.sender())) continue;
    ClassTable& classes = senders_[each.sender().index()].classes();
    if (classes.key_of(each.of()).best != group.routers.front()) {
      asking_.insert(each.sender());
      continue;
    }
    classes.enter_again(each.of());
    group.members.push_back(each);
  }
  interested_ &= asking_;
}

// Enters the shares of its routers, and those as members that these cannot speak for.
void Classifier::share(RouteGroup& group) {
  asking_.clear();
  interested_ = everywhere_;
  static const Participants nobody;
  shares_.expect(group.routers);
  for (const net::RouterId router : group.routers) {
    const Participants& asking =
        router.index() < by_router_.size() ? by_router_[router.index()] : nobody;
    both_ = asking;
    both_ &= asking_;
    interested_ |= both_;
    asking_ |= asking;
    group.shares.push_back(shares_.enter(group.routers.front(), router, asking));
  }
  for (const net::ParticipantId each : group.others) {
    if (asking_.contains(each)) interested_.insert(each);
  }
  enter(group, interested_);
}

void Classifier::note_interested_in(const RouteGroup& group) {
  interested_.clear();
  interested_ |= everywhere_;
  note_asking(group.routers, interested_);
}

void Classifier::note_asking(const exchange::Routes& routers, Participants& asking) const {
  for (const net::RouterId router : routers) {
    if (router.index() < by_router_.size()) asking |= by_router_[router.index()];
  }
}

// Makes the senders members, if they need a tag there or shares would say so; they must be none
// yet.
void Classifier::enter(RouteGroup& group, const Participants& senders) {
  senders.for_each([&](net::ParticipantId sender) { enter(group, sender); });
}

// Whether it is a member now.
bool Classifier::enter(RouteGroup& group, net::ParticipantId sender) {
  Sender& one = senders_[sender.index()];
  const bool has_all = group.is_alike && !std::ranges::binary_search(group.others, sender);
  if (!has_all) reachability_.routes_of(sender, group.key, routes_);
  const auto id = one.classify(has_all ? group.routers : routes_);
  if (!id && !group.is_alike) return false;
  const auto place = std::ranges::lower_bound(group.members, sender, {}, &Member::sender);
  group.members.insert(place, Member(sender, id.value_or(Member::kNoClass)));
  if (!id) return true;
  for (const net::Family family : kFamilies) {
    if (group.has(family)) one.classes().add_user(*id, family);
  }
  note_classes_of(sender);
  return true;
}

// Takes the sender out of the members. False: it was none.
bool Classifier::expel(RouteGroup& group, net::ParticipantId sender) {
  const auto place = std::ranges::lower_bound(group.members, sender, {}, &Member::sender);
  if (place == group.members.end() || place->sender() != sender) return false;
  take_out(group, *place);
  group.members.erase(place);
  return true;
}

// The member's class loses the group.
void Classifier::take_out(const RouteGroup& group, const Member& member) {
  if (!member.has_class()) return;
  ClassTable& classes = senders_[member.sender().index()].classes();
  for (const net::Family family : kFamilies) {
    if (group.has(family)) classes.remove_user(member.of(), family);
  }
  classes.leave(member.of());
  note_classes_of(member.sender());
}

void Classifier::join(GroupId id, net::Family family) {
  RouteGroup& group = groups_[id];
  if (group.count(family)++ > 0) return;
  shares_.expect(group.shares);
  for (const Member& each : group.members) {
    if (!each.has_class()) continue;
    senders_[each.sender().index()].classes().add_user(each.of(), family);
    note_classes_of(each.sender());
  }
  for (const ShareId each : group.shares) shares_.add_user(each, group, family);
}

void Classifier::leave(GroupId id, net::Family family) {
  RouteGroup& group = groups_[id];
  if (--group.count(family) > 0) return;
  shares_.expect(group.shares);
  for (const Member& each : group.members) {
    if (!each.has_class()) continue;
    ClassTable& classes = senders_[each.sender().index()].classes();
    classes.remove_user(each.of(), family);
    if (group.empty()) classes.leave(each.of());
    note_classes_of(each.sender());
  }
  for (const ShareId each : group.shares) shares_.remove_user(each, group, family);
  if (!group.empty()) return;
  for (const ShareId each : group.shares) shares_.leave(each);
  groups_.remove(id);
}

void Classifier::note_announcers(GroupId before, GroupId now) {
  const auto serial_of = [this](GroupId id) { return id == kNoGroup ? 0 : groups_[id].serial; };
  const std::pair move(serial_of(before), serial_of(now));
  if (std::exchange(noted_, move) == move) return;
  static const exchange::Routes nobody;
  const exchange::Routes& olds = before != kNoGroup ? groups_[before].routers : nobody;
  const exchange::Routes& news = now != kNoGroup ? groups_[now].routers : nobody;
  const auto note_others = [this](const exchange::Routes& of, const exchange::Routes& than) {
    for (const net::RouterId router : of) {
      if (std::ranges::find(than, router) == than.end()) announcers_.insert(router);
    }
  };
  note_others(olds, news);
  note_others(news, olds);
}

std::optional<ClassId> Classifier::class_in(const RouteGroup& group, net::Family family,
                                            net::ParticipantId client) const {
  const Member* member = group.member(client);
  if (member != nullptr) return member->has_class() ? std::optional(member->of()) : std::nullopt;
  for (std::size_t i = 0; i < group.shares.size(); ++i) {
    if (!asks_about(client, group.routers[i])) continue;
    const auto* sharer = shares_.sharer(shares_[group.shares[i]], client);
    if (sharer != nullptr && sharer->uses.at(index_of(family))) return sharer->of;
  }
  return std::nullopt;
}

bool Classifier::asks_about(net::ParticipantId sender, net::RouterId router) const {
  return std::ranges::binary_search(asked_[sender.index()].routers, router);
}

void Classifier::expect(std::span<const std::uint64_t> groups, net::ParticipantId client) const {
  for (const std::uint64_t number : groups) {
    if (const RouteGroup* found = hops_.at(number)) send_for(*found);
  }
  for (const std::uint64_t number : groups) {
    const RouteGroup* found = hops_.group(number);
    if (found == nullptr) continue;
    read_ahead_all(found->members);
    read_ahead_all(found->shares);
    read_ahead_all(found->routers);
  }
  const ClassTable& classes = senders_[client.index()].classes();
  for (const std::uint64_t number : groups) {
    const RouteGroup* found = hops_.group(number);
    const Member* member = found != nullptr ? found->member(client) : nullptr;
    if (member != nullptr && member->has_class()) send_for(classes[member->of()]);
  }
}

template <typename Visit>
void Classifier::for_each_class(const RouteGroup& group, net::Family family,
                                const Visit& visit) const {
  for (const Member& each : group.members) {
    if (each.has_class()) visit(each.sender(), each.of());
  }
  for (const ShareId id : group.shares) {
    for (const RouteShares::Sharer& each : shares_[id].sharers) {
      const bool is_told = each.uses.at(index_of(family)) && group.member(each.sender) == nullptr;
      if (is_told) visit(each.sender, each.of);
    }
  }
}

std::optional<net::IpAddress> Classifier::next_hop_in(const RouteGroup& group, net::Family family,
                                                      net::ParticipantId client) const {
  const Sender& sender = senders_[client.index()];
  if (!sender.has_policy()) return std::nullopt;
  const auto id = class_in(group, family, client);
  return id ? sender.next_hop(*id, family) : std::nullopt;
}

std::optional<net::IpAddress> Classifier::virtual_next_hop(net::ParticipantId client,
                                                           const net::Prefix& prefix) const {
  if (!senders_[client.index()].has_policy()) return std::nullopt;
  const GroupId group = places_.find(reachability_.place_of(prefix));
  if (group == kNoGroup) return std::nullopt;
  return next_hop_in(groups_[group], prefix.family(), client);
}

std::uint64_t Classifier::hop_group(exchange::Place place) const {
  const GroupId group = places_.find(place);
  return group == kNoGroup ? 0 : hops_.number_of(group);
}

bool Classifier::has_hop_group(std::uint64_t group, net::Family family) const {
  const RouteGroup* found = hops_.group(group);
  return group == 0 || (found != nullptr && found->has(family));
}

void Classifier::next_hops_of(std::uint64_t group, net::Family family,
                              std::vector<exchange::ClientNextHop>& next_hops) const {
  next_hops.clear();
  const RouteGroup* found = hops_.group(group);
  if (found == nullptr) return;
  for_each_class(*found, family, [&](net::ParticipantId client, ClassId id) {
    const Sender& sender = senders_[client.index()];
    const auto address = sender.has_policy() ? sender.next_hop(id, family) : std::nullopt;
    if (address) next_hops.push_back({.client = client, .address = *address});
  });
}

std::optional<net::IpAddress> Classifier::next_hop_of(std::uint64_t group, net::Family family,
                                                      net::ParticipantId client) const {
  const RouteGroup* found = hops_.group(group);
  return found == nullptr ? std::nullopt : next_hop_in(*found, family, client);
}

std::vector<std::vector<std::size_t>> Classifier::prefix_counts() const {
  std::vector<std::vector<std::size_t>> counts(senders_.size());
  const auto count = [&](const RouteGroup& group, net::Family family) {
    for_each_class(group, family, [&](net::ParticipantId sender, ClassId of) {
      auto& of_sender = counts[sender.index()];
      if (of.index() >= of_sender.size()) of_sender.resize(of.index() + 1);
      of_sender[of.index()] += group.prefixes.at(index_of(family));
    });
  };
  for (const GroupId id : groups_.all()) {
    for (const net::Family family : kFamilies) {
      if (groups_[id].has(family)) count(groups_[id], family);
    }
  }
  return counts;
}

}  // namespace fabrix::compiler
