#include "compiler/route_shares.h"

#include <algorithm>
#include <utility>

#include "base/ahead.h"
#include "base/assert.h"

namespace fabrix::compiler {
namespace {

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

std::uint32_t index_by(net::RouterId best, net::RouterId router) {
  return std::uint32_t{best.value} << 16U | router.value;
}

}  // namespace

std::optional<std::size_t> RouteShares::Asking::place_of(net::ParticipantId sender) const {
  const auto found = std::ranges::lower_bound(places, sender, {}, &Place::sender);
  if (found == places.end() || found->sender != sender) return std::nullopt;
  return found->at;
}

// Of the first share: nobody has a place yet.
void RouteShares::Asking::take(const Participants& asking) {
  places.clear();
  free.clear();
  end = 0;
  asking.for_each([this](net::ParticipantId each) { places.push_back({each, end++}); });
}

std::size_t RouteShares::Asking::add(net::ParticipantId sender) {
  if (free.empty()) free.push_back(end++);
  const std::uint16_t at = free.back();
  free.pop_back();
  places.insert(std::ranges::lower_bound(places, sender, {}, &Place::sender), {sender, at});
  return at;
}

void RouteShares::Asking::remove(net::ParticipantId sender) {
  const auto found = std::ranges::lower_bound(places, sender, {}, &Place::sender);
  free.push_back(found->at);
  places.erase(found);
}

const RouteShares::Asking* RouteShares::asking(net::RouterId router) const {
  if (router.index() >= by_router_.size()) return nullptr;
  const Asking& found = by_router_[router.index()];
  return found.shares.empty() ? nullptr : &found;
}

RouteShares::Asking* RouteShares::asking(net::RouterId router) {
  return const_cast<Asking*>(std::as_const(*this).asking(router));  // NOLINT: it is its own
}

std::span<const ShareId> RouteShares::of_router(net::RouterId router) const {
  const Asking* found = asking(router);
  return found != nullptr ? std::span(found->shares) : std::span<const ShareId>();
}

const RouteShares::Sharer* RouteShares::sharer(const Share& share,
                                               net::ParticipantId sender) const {
  const Asking* all = asking(share.router);
  const auto place = all != nullptr ? all->place_of(sender) : std::nullopt;
  return place ? &share.sharers[*place] : nullptr;
}

RouteShares::Sharer* RouteShares::find(ShareId id, net::ParticipantId sender) {
  Share& share = shares_[id.index()];
  return &share.sharers[*by_router_[share.router.index()].place_of(sender)];
}

ShareId RouteShares::enter(net::RouterId best, net::RouterId router, const Participants& asking) {
  const std::uint32_t known = index_.find(index_by(best, router), [&](std::uint32_t id) {
    return shares_[id].best == best && shares_[id].router == router;
  });
  if (known != HashIndex::kNone) {
    ++shares_[known].groups;
    return ShareId{known};
  }
  ShareId id{static_cast<std::uint32_t>(shares_.size())};
  if (free_.empty()) {
    shares_.add();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  index_.insert(index_by(best, router), id.value);
  if (router.index() >= by_router_.size()) by_router_.resize(router.index() + 1);
  Asking& all = by_router_[router.index()];
  if (all.shares.empty()) all.take(asking);
  Share& share = shares_[id.index()];
  share = {.best = best,
           .router = router,
           .groups = 1,
           .sharers = {},
           .serial = ++last_serial_,
           .place = all.shares.size()};
  all.shares.push_back(id);
  share.sharers.resize(all.end);
  for (const Asking::Place& each : all.places) share.sharers[each.at].sender = each.sender;
  return id;
}

void RouteShares::expect(std::span<const net::RouterId> routers) const {
  for (const net::RouterId each : routers) index_.read_ahead_hash(index_by(routers.front(), each));
  for (const net::RouterId each : routers) {
    const std::uint32_t known =
        index_.find(index_by(routers.front(), each), [](std::uint32_t) { return true; });
    if (known != HashIndex::kNone) read_ahead(shares_[known]);
  }
}

void RouteShares::expect(std::span<const ShareId> ids) const {
  for (const ShareId id : ids) read_ahead_all(shares_[id.index()].sharers);
}

void RouteShares::leave(ShareId id) {
  Share& share = shares_[id.index()];
  if (--share.groups > 0) return;
  FABRIX_ASSERT(share.users[0] == 0 && share.users[1] == 0);
  index_.erase(index_by(share.best, share.router), id.value);
  auto& siblings = by_router_[share.router.index()].shares;
  siblings[share.place] = siblings.back();
  shares_[siblings.back().index()].place = share.place;
  siblings.pop_back();
  share.sharers.clear();
  share.serial = 0;
  if (const auto common = std::exchange(share.common, std::nullopt)) keys_.drop(*common);
  free_.push_back(id);
}

void RouteShares::add_user(ShareId id, const RouteGroup& group, net::Family family) {
  Share& share = shares_[id.index()];
  const std::size_t f = index_of(family);
  const std::uint32_t before = share.users.at(f)++;
  if (before == 0) expect_classes_of(share);
  for (Sharer& each : share.sharers) {
    if (!each.is_somebody()) continue;
    if (group.member(each.sender) != nullptr) {
      ++each.others.at(f);
    } else if (each.others.at(f) == before) {
      use(share, each, f);
      ++share.version;
    }
  }
}

void RouteShares::remove_user(ShareId id, const RouteGroup& group, net::Family family) {
  Share& share = shares_[id.index()];
  const std::size_t f = index_of(family);
  FABRIX_ASSERT(share.users.at(f) > 0);
  const std::uint32_t left = --share.users.at(f);
  for (Sharer& each : share.sharers) {
    if (!each.is_somebody()) continue;
    if (group.member(each.sender) != nullptr) {
      --each.others.at(f);
    } else if (each.others.at(f) == left) {
      disuse(each, f);
      ++share.version;
    }
  }
}

void RouteShares::clear() {
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    for (Sharer& each : shares_[i].sharers) {
      for (const net::Family family : kFamilies) disuse(each, index_of(family));
    }
    if (shares_[i].common) keys_.drop(*shares_[i].common);
  }
  shares_ = {};
  free_.clear();
  by_router_.clear();
  index_.clear();
}

// That place in each of them is looked at next.
void RouteShares::expect(std::span<const ShareId> ids, std::size_t place) const {
  for (const ShareId id : ids) send_for(shares_[id.index()]);
  for (const ShareId id : ids) {
    const auto& sharers = shares_[id.index()].sharers;
    if (place < sharers.size()) send_for(sharers[place]);
  }
}

void RouteShares::enlist(net::ParticipantId sender, net::RouterId router) {
  Asking* all = asking(router);
  if (all == nullptr) return;
  const std::size_t place = all->add(sender);
  in_strips(of_router(router), [&](std::span<const ShareId> strip) {
    expect(strip, place);
    for (const ShareId id : strip) {
      auto& sharers = shares_[id.index()].sharers;
      if (place >= sharers.size()) sharers.resize(place + 1);
      sharers[place] = {.sender = sender};
    }
  });
}

void RouteShares::delist(net::ParticipantId sender, net::RouterId router) {
  Asking* all = asking(router);
  if (all == nullptr) return;
  const std::size_t place = *all->place_of(sender);
  const ClassTable& classes = senders_[sender.index()].classes();
  in_strips(of_router(router), [&](std::span<const ShareId> strip) {
    expect(strip, place);
    for (const ShareId id : strip) {
      const Sharer& sharer = shares_[id.index()].sharers[place];
      if (sharer.is_in_class()) send_for(classes[sharer.of]);
    }
    for (const ShareId id : strip) {
      Sharer& sharer = shares_[id.index()].sharers[place];
      for (const net::Family family : kFamilies) disuse(sharer, index_of(family));
      sharer = {};
    }
  });
  all->remove(sender);
}

void RouteShares::settle(net::ParticipantId sender, net::RouterId router) {
  const Asking* all = asking(router);
  if (all == nullptr) return;
  const std::size_t place = *all->place_of(sender);
  const auto put_into_class = [&](Share& share, Sharer& sharer) {
    for (const net::Family family : kFamilies) {
      const std::size_t f = index_of(family);
      if (share.users.at(f) > sharer.others.at(f)) use(share, sharer, f);
    }
  };
  in_strips(of_router(router), [&](std::span<const ShareId> strip) {
    expect(strip, place);
    for (const ShareId id : strip) {
      Share& share = shares_[id.index()];
      put_into_class(share, share.sharers[place]);
    }
  });
}

void RouteShares::except(ShareId id, const RouteGroup& group, net::ParticipantId sender) {
  const Share& share = shares_[id.index()];
  Sharer* sharer = find(id, sender);
  for (const net::Family family : kFamilies) {
    const std::size_t f = index_of(family);
    if (group.has(family) && ++sharer->others.at(f) == share.users.at(f)) disuse(*sharer, f);
  }
}

void RouteShares::include(ShareId id, const RouteGroup& group, net::ParticipantId sender) {
  Share& share = shares_[id.index()];
  Sharer* sharer = find(id, sender);
  for (const net::Family family : kFamilies) {
    const std::size_t f = index_of(family);
    if (group.has(family) && sharer->others.at(f)-- == share.users.at(f)) use(share, *sharer, f);
  }
}

void RouteShares::use(Share& share, Sharer& sharer, std::size_t family) {
  Sender& sender = senders_[sharer.sender.index()];
  if (!sharer.is_in_class()) {
    const auto id = classify(share, sender);
    if (!id) return;
    sharer.of = *id;
  }
  sharer.uses.at(family) = true;
  sender.classes().add_user(sharer.of, kFamilies.at(family));
  note(sharer.sender);
}

// Each of its sharers enters its class next, if it has one.
void RouteShares::expect_classes_of(Share& share) {
  for (const Sharer& each : share.sharers) {
    if (each.is_somebody()) senders_[each.sender.index()].expect_entry();
  }
  for (const Sharer& each : share.sharers) {
    if (!each.is_somebody()) continue;
    const Sender& sender = senders_[each.sender.index()];
    if (!knows_common_class(share, sender)) return;
    sender.classes().expect(*share.common);
  }
}

bool RouteShares::knows_common_class(Share& share, const Sender& sender) {
  if (!share.common) {
    if (const auto key = sender.common_class(share.best, share.router)) {
      share.common = keys_.enter(*key);
    }
  }
  return share.common.has_value();
}

std::optional<ClassId> RouteShares::classify(Share& share, Sender& sender) {
  return knows_common_class(share, sender) ? sender.enter(*share.common)
                                           : sender.classify(share.best, {&share.router, 1});
}

void RouteShares::disuse(Sharer& sharer, std::size_t family) {
  if (!std::exchange(sharer.uses.at(family), false)) return;
  ClassTable& classes = senders_[sharer.sender.index()].classes();
  classes.remove_user(sharer.of, kFamilies.at(family));
  if (!sharer.is_in_class()) classes.leave(sharer.of);
  note(sharer.sender);
}

void RouteShares::note(net::ParticipantId sender) {
  if (senders_[sender.index()].classes().has_unsettled()) touched_.insert(sender);
}

}  // namespace fabrix::compiler
