#include "compiler/classifier.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

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
  groups_.clear();
  places_.clear();
  is_read_ = false;
  ++grouping_;
}

Classifier::Outcome Classifier::update(std::span<const exchange::PlacedPrefix> changed, Need need) {
  Outcome outcome;
  const auto others = take_policies();
  if (is_read_) {
    for (const Other& each : others) asking_otherwise_.insert(each.sender);
    for (const exchange::PlacedPrefix& prefix : changed) read(prefix);
    asking_otherwise_.clear();
    look_again_for(others);
    if (need == Need::kNothing) forget_routes();
  } else if (need == Need::kGroups) {
    read_all();
    outcome.read_everything = true;
  }
  sort_out(announcers_);
  outcome.announcers = std::exchange(announcers_, {});
  noted_ = {};
  touched_.for_each([&](net::ParticipantId each) { outcome.touched.push_back(each); });
  touched_.clear();
  return outcome;
}

Classifier::Asked Classifier::asked_of(net::ParticipantId sender) const {
  Asked asked;
  const OutboundPolicy* policy = senders_[sender.index()].policy();
  if (policy == nullptr) return asked;
  asked.targets = policy->targets();
  for (const CodedTarget& target : asked.targets) {
    asked.routers.insert(asked.routers.end(), target.routers.begin(), target.routers.end());
  }
  sort_out(asked.routers);
  asked.every = policy->needs_every_prefix();
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

void Classifier::look_again_for(const std::vector<Other>& others) {
  constexpr std::size_t kMany = 16;
  if (others.size() < kMany) {
    for (const Other& each : others) look_again_for(each.sender, each.asked_before);
    return;
  }
  Participants senders;
  for (const Other& each : others) senders.insert(each.sender);
  look_again_for_all(senders);
}

void Classifier::look_again_for(net::ParticipantId sender, const Asked& before) {
  senders_[sender.index()].told_anew();
  const Asked& now = asked_[sender.index()];
  std::vector<GroupId> concerned;
  if (before.every || now.every) {
    concerned = groups_.all();
  } else {
    concerned = groups_.with(routers_of_others(before.targets, now.targets));
  }
  const bool asks = now.every || !now.routers.empty();
  Participants one;
  one.insert(sender);
  for (const GroupId id : concerned) {
    expel(groups_[id], one);
    if (asks) enter(groups_[id], one);
  }
}

void Classifier::look_again_for_all(const Participants& senders) {
  senders.for_each([this](net::ParticipantId each) { senders_[each.index()].told_anew(); });
  for (const GroupId id : groups_.all()) {
    RouteGroup& group = groups_[id];
    expel(group, senders);
    note_interested_in(group);
    interested_ &= senders;
    enter(group, interested_);
  }
}

void Classifier::read_all() {
  is_read_ = true;
  ++grouping_;
  reachability_.for_each_route_key([this](const exchange::PlacedPrefix& prefix,
                                          const exchange::RouteKey& key) { put(prefix, key); });
  announcers_.clear();
  noted_ = {};
}

void Classifier::read(const exchange::PlacedPrefix& prefix) {
  reachability_.route_key(prefix, key_);
  put(prefix, key_);
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
  exchange::Routes routers;
  reachability_.routers_of(key, routers);
  const GroupId id = groups_.add(key, std::move(routers));
  obtained_ = id;
  RouteGroup& group = groups_[id];
  note_interested_in(group);
  if (like != kNoGroup) take_members(group, groups_[like]);
  enter(group, interested_);
  return id;
}

// Those of the other group's members that have the same class here, and whoever is none there for
// the same reason, are interested no more.
void Classifier::take_members(RouteGroup& group, const RouteGroup& other) {
  if (!reachability_.differ_behind_first(group.key, other.key, routes_)) return;
  asking_ = everywhere_ | asking_otherwise_;
  note_asking(routes_, asking_);
  for (const Member& each : other.members) {
    if (asking_.contains(each.sender())) continue;
    ClassTable& classes = senders_[each.sender().index()].classes();
    if (classes[each.of()].key.best != group.routers.front()) {
      asking_.insert(each.sender());
      continue;
    }
    classes.enter_again(each.of());
    group.members.push_back(each);
  }
  interested_ &= asking_;
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

// Makes those of the senders members that need a tag there; they must be none yet.
void Classifier::enter(RouteGroup& group, const Participants& senders) {
  senders.for_each([&](net::ParticipantId sender) {
    reachability_.routes_of(sender, group.key, routes_);
    Sender& one = senders_[sender.index()];
    const auto id = one.classify(routes_);
    if (!id) return;
    const auto place = std::ranges::lower_bound(group.members, sender, {}, &Member::sender);
    group.members.insert(place, Member(sender, *id));
    for (const net::Family family : kFamilies) {
      if (group.has(family)) one.classes().add_user(*id, family);
    }
    note_classes_of(sender);
  });
}

// Takes these out of the members.
void Classifier::expel(RouteGroup& group, const Participants& senders) {
  std::erase_if(group.members, [&](const Member& each) {
    if (!senders.contains(each.sender())) return false;
    take_out(group, each);
    return true;
  });
}

// The member's class loses the group.
void Classifier::take_out(const RouteGroup& group, const Member& member) {
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
  for (const Member& each : group.members) {
    senders_[each.sender().index()].classes().add_user(each.of(), family);
    note_classes_of(each.sender());
  }
}

void Classifier::leave(GroupId id, net::Family family) {
  RouteGroup& group = groups_[id];
  if (--group.count(family) > 0) return;
  for (const Member& each : group.members) {
    ClassTable& classes = senders_[each.sender().index()].classes();
    classes.remove_user(each.of(), family);
    if (group.empty()) classes.leave(each.of());
    note_classes_of(each.sender());
  }
  if (group.empty()) groups_.remove(id);
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
      if (std::ranges::find(than, router) == than.end()) announcers_.push_back(router);
    }
  };
  note_others(olds, news);
  note_others(news, olds);
  constexpr std::size_t kTidyAt = 4096;
  if (announcers_.size() >= kTidyAt) sort_out(announcers_);
}

std::optional<net::IpAddress> Classifier::next_hop_in(const RouteGroup& group, net::Family family,
                                                      net::ParticipantId client) const {
  const Sender& sender = senders_[client.index()];
  if (!sender.has_policy()) return std::nullopt;
  const Member* member = group.member(client);
  return member == nullptr ? std::nullopt : sender.next_hop(member->of(), family);
}

void Classifier::add_next_hops(const RouteGroup& group, net::Family family,
                               std::vector<exchange::ClientNextHop>& next_hops) const {
  for (const Member& member : group.members) {
    const Sender& sender = senders_[member.sender().index()];
    if (!sender.has_policy()) continue;
    const auto address = sender.next_hop(member.of(), family);
    if (address) next_hops.push_back({.client = member.sender(), .address = *address});
  }
}

std::optional<net::IpAddress> Classifier::virtual_next_hop(net::ParticipantId client,
                                                           const net::Prefix& prefix) const {
  if (!senders_[client.index()].has_policy()) return std::nullopt;
  const GroupId group = places_.find(reachability_.place_of(prefix));
  if (group == kNoGroup) return std::nullopt;
  return next_hop_in(groups_[group], prefix.family(), client);
}

// Its place and its serial number: another group at that place has another number.
std::uint64_t Classifier::hop_group(exchange::Place place) const {
  const GroupId group = places_.find(place);
  return group == kNoGroup ? 0 : std::uint64_t{group.value} << 32U | groups_[group].serial;
}

const RouteGroup* Classifier::group_of(std::uint64_t group) const {
  const RouteGroup* found = groups_.get(GroupId{static_cast<std::uint32_t>(group >> 32U)});
  const auto serial = static_cast<std::uint32_t>(group);
  return found != nullptr && found->serial == serial ? found : nullptr;
}

bool Classifier::has_hop_group(std::uint64_t group, net::Family family) const {
  const RouteGroup* found = group_of(group);
  return group == 0 || (found != nullptr && found->has(family));
}

void Classifier::next_hops_of(std::uint64_t group, net::Family family,
                              std::vector<exchange::ClientNextHop>& next_hops) const {
  next_hops.clear();
  const RouteGroup* found = group_of(group);
  if (found != nullptr) add_next_hops(*found, family, next_hops);
}

std::optional<net::IpAddress> Classifier::next_hop_of(std::uint64_t group, net::Family family,
                                                      net::ParticipantId client) const {
  const RouteGroup* found = group_of(group);
  return found == nullptr ? std::nullopt : next_hop_in(*found, family, client);
}

std::vector<std::vector<std::size_t>> Classifier::prefix_counts() const {
  std::vector<std::vector<std::size_t>> counts(senders_.size());
  for (const GroupId id : groups_.all()) {
    const RouteGroup& group = groups_[id];
    for (const Member& each : group.members) {
      auto& of_sender = counts[each.sender().index()];
      if (each.of().index() >= of_sender.size()) of_sender.resize(each.of().index() + 1);
      of_sender[each.of().index()] += std::size_t{group.prefixes[0]} + group.prefixes[1];
    }
  }
  return counts;
}

}  // namespace fabrix::compiler
