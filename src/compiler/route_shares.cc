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

const RouteShares::Sharer* RouteShares::Share::sharer(net::ParticipantId sender) const {
  const auto found = std::ranges::lower_bound(sharers, sender, {}, &Sharer::sender);
  return found == sharers.end() || found->sender != sender ? nullptr : &*found;
}

RouteShares::Sharer* RouteShares::find(ShareId id, net::ParticipantId sender) {
  auto& sharers = shares_[id.index()].sharers;
  const auto found = std::ranges::lower_bound(sharers, sender, {}, &Sharer::sender);
  return found == sharers.end() || found->sender != sender ? nullptr : &*found;
}

std::span<const ShareId> RouteShares::of_router(net::RouterId router) const {
  if (router.index() >= by_router_.size()) return {};
  return by_router_[router.index()];
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
  auto& siblings = by_router_[router.index()];
  Share& share = shares_[id.index()];
  share = {.best = best,
           .router = router,
           .groups = 1,
           .sharers = {},
           .serial = ++last_serial_,
           .place = siblings.size()};
  siblings.push_back(id);
  share.sharers.reserve(asking.size());
  asking.for_each([&share](net::ParticipantId each) { share.sharers.push_back({.sender = each}); });
  return id;
}

void RouteShares::leave(ShareId id) {
  Share& share = shares_[id.index()];
  if (--share.groups > 0) return;
  FABRIX_ASSERT(share.users[0] == 0 && share.users[1] == 0);
  index_.erase(index_by(share.best, share.router), id.value);
  auto& siblings = by_router_[share.router.index()];
  siblings[share.place] = siblings.back();
  shares_[siblings.back().index()].place = share.place;
  siblings.pop_back();
  share.sharers.clear();
  share.serial = 0;
  free_.push_back(id);
}

void RouteShares::add_user(ShareId id, const RouteGroup& group, net::Family family) {
  Share& share = shares_[id.index()];
  const std::size_t f = index_of(family);
  const std::uint32_t before = share.users.at(f)++;
  // Then nobody is in a class there, and most will be.
  const auto common = before == 0 ? common_class(share) : std::nullopt;
  for (Sharer& each : share.sharers) {
    if (group.member(each.sender) != nullptr) {
      ++each.others.at(f);
    } else if (each.others.at(f) == before) {
      use(share, each, f, common);
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
  }
  shares_ = {};
  free_.clear();
  by_router_.clear();
  index_.clear();
}

// They are looked at next.
void RouteShares::expect(std::span<const ShareId> ids) const {
  for (const ShareId id : ids) send_for(shares_[id.index()]);
  for (const ShareId id : ids) send_for_all(shares_[id.index()].sharers);
}

void RouteShares::enlist(net::ParticipantId sender, net::RouterId router) {
  in_strips(of_router(router), [&](std::span<const ShareId> strip) {
    expect(strip);
    for (const ShareId id : strip) {
      auto& sharers = shares_[id.index()].sharers;
      const auto place = std::ranges::lower_bound(sharers, sender, {}, &Sharer::sender);
      sharers.insert(place, {.sender = sender});
    }
  });
}

void RouteShares::delist(net::ParticipantId sender, net::RouterId router) {
  const ClassTable& classes = senders_[sender.index()].classes();
  in_strips(of_router(router), [&](std::span<const ShareId> strip) {
    expect(strip);
    for (const ShareId id : strip) {
      const Sharer* sharer = find(id, sender);
      if (sharer->is_in_class()) send_for(classes[sharer->of]);
    }
    for (const ShareId id : strip) {
      Sharer* sharer = find(id, sender);
      for (const net::Family family : kFamilies) disuse(*sharer, index_of(family));
      auto& sharers = shares_[id.index()].sharers;
      sharers.erase(sharers.begin() + (sharer - sharers.data()));
    }
  });
}

void RouteShares::settle(net::ParticipantId sender, net::RouterId router) {
  in_strips(of_router(router), [&](std::span<const ShareId> strip) {
    expect(strip);
    for (const ShareId id : strip) {
      const Share& share = shares_[id.index()];
      Sharer* sharer = find(id, sender);
      for (const net::Family family : kFamilies) {
        const std::size_t f = index_of(family);
        if (share.users.at(f) > sharer->others.at(f)) use(share, *sharer, f);
      }
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
  const Share& share = shares_[id.index()];
  Sharer* sharer = find(id, sender);
  for (const net::Family family : kFamilies) {
    const std::size_t f = index_of(family);
    if (group.has(family) && sharer->others.at(f)-- == share.users.at(f)) use(share, *sharer, f);
  }
}

std::optional<RouteShares::Common> RouteShares::common_class(const Share& share) const {
  if (share.sharers.empty()) return std::nullopt;
  const Sender& any = senders_[share.sharers.front().sender.index()];
  auto key = any.common_class(share.best, share.router);
  if (!key) return std::nullopt;
  Common common{.key = *std::move(key)};
  common.hash = ClassTable::hash_of(common.key);
  common.place = VnhPool::hash_of(common.key);
  return common;
}

void RouteShares::use(const Share& share, Sharer& sharer, std::size_t family,
                      const std::optional<Common>& common) {
  Sender& sender = senders_[sharer.sender.index()];
  if (!sharer.is_in_class()) {
    const auto id =
        common ? sender.enter({.key = common->key, .hash = common->hash, .place = common->place})
               : sender.classify(share.best, {&share.router, 1});
    if (!id) return;
    sharer.of = *id;
  }
  sharer.uses.at(family) = true;
  sender.classes().add_user(sharer.of, kFamilies.at(family));
  note(sharer.sender);
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
