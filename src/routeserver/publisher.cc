#include "routeserver/publisher.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/ahead.h"
#include "base/assert.h"

namespace fabrix::routeserver {
namespace {

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

}  // namespace

Publisher::Publisher(const PathStore& paths, Rib& rib, Selection& selection,
                     const PublisherLimits& limits)
    : paths_(&paths), rib_(&rib), selection_(&selection), limits_(limits), batch_(paths, rib) {}

Publisher::~Publisher() = default;

Publisher::Client& Publisher::client(PeerId id) {
  if (id.index() >= clients_.size()) clients_.resize(id.index() + 1);
  return clients_[id.index()];
}

const Publisher::Client& Publisher::client(PeerId id) const {
  static const Client nobody;
  return id.index() < clients_.size() ? clients_[id.index()] : nobody;
}

bool Publisher::is_up(PeerId id) const {
  return client(id).session.has_value();
}

const SessionInfo& Publisher::session(PeerId id) const {
  FABRIX_ASSERT(is_up(id));
  return *client(id).session;
}

Publisher::Voice& Publisher::voice_for(const SessionInfo& info) {
  const Dialect dialect = dialect_of(info);
  const auto same =
      std::ranges::find_if(voices_, [&](const auto& voice) { return voice->dialect == dialect; });
  if (same != voices_.end()) return **same;
  voices_.push_back(std::make_unique<Voice>(Voice{.dialect = dialect, .ipv4 = {}, .ipv6 = {}}));
  return *voices_.back();
}

// The client is in step from now on.
void Publisher::join(PeerId id) {
  Client& joining = client(id);
  for (const net::Family family : kFamilies) {
    if (joining.session->families.contains(family)) joining.voice->of(family).insert(id);
  }
  behind_.erase(id);
}

void Publisher::leave(PeerId id) {
  for (const net::Family family : kFamilies) client(id).voice->of(family).erase(id);
}

Catchup& Publisher::fall_behind(PeerId id) {
  Client& late = client(id);
  leave(id);
  behind_.insert(id);
  if (!late.catchup) {
    late.catchup = std::make_unique<Catchup>();
    late.catchup->cursor = rib_->end();
  }
  return *late.catchup;
}

void Publisher::session_up(PeerId id, const SessionInfo& info) {
  if (is_up(id)) session_down(id);
  Client& fresh = client(id);
  fresh.session = info;
  fresh.voice = &voice_for(info);
  if (fresh.wants_virtual) {
    virtual_.insert(id);
    if (!info.add_path.empty()) best_alone_.insert(id);
  }
  Catchup& catchup = fall_behind(id);
  catchup.cursor = 0;
  catchup.end_of_rib = info.families;
}

void Publisher::session_down(PeerId id) {
  if (!is_up(id)) return;
  leave(id);
  behind_.erase(id);
  virtual_.erase(id);
  best_alone_.erase(id);
  const bool wants_virtual = client(id).wants_virtual;
  client(id) = Client{};
  client(id).wants_virtual = wants_virtual;
  pause(id);
}

void Publisher::set_virtual(PeerId id, bool is_virtual) {
  client(id).wants_virtual = is_virtual;
  if (!is_up(id) || !session(id).add_path.empty()) return;
  if (is_virtual) {
    virtual_.insert(id);
  } else {
    virtual_.erase(id);
  }
}

void Publisher::set_hops_by_group(HopsByGroup hops) {
  forget_group_hops();
  by_group_ = std::move(hops);
}

void Publisher::publish(std::span<const EntryId> entries) {
  review_group_hops();
  const Rib::Tell tell = [this](EntryId id, std::span<const RouteRef> before,
                                std::span<const RouteRef> now) { publish_one(id, before, now); };
  in_strips(entries, [&](std::span<const EntryId> strip) {
    rib_->expect(strip, std::identity{});
    for (const EntryId entry : strip) rib_->publish(entry, tell);
  });
  precedents_.clear();
  flush();
  tidy();
}

void Publisher::publish_one(EntryId entry, std::span<const RouteRef> before,
                            std::span<const RouteRef> now) {
  const net::Family family = rib_->prefix(entry).family();
  count_views(family, before, now);
  const News news{.entry = entry,
                  .before = before,
                  .now = now,
                  .hops_before = hops_told(entry),
                  .hops_now = hops_now(entry, now)};
  tell_voices(family, news);
  best_alone_.for_each([&](PeerId id) {
    const Client& one = client(id);
    if (!one.catchup && one.session->add_path.contains(family)) {
      tell_virtual(id, entry, before, now);
    }
  });
  remember_hops(entry, news.hops_now);
  behind_.for_each([&](PeerId id) {
    Catchup& catchup = *client(id).catchup;
    if (entry.value < catchup.cursor || catchup.task != CatchupTask::kInitial) {
      catchup.noted.insert(entry);
    }
  });
}

void Publisher::tell_voices(net::Family family, const News& news) {
  const Precedents::Case like{.family = family,
                              .before = news.before,
                              .now = news.now,
                              .hops_before = news.hops_before,
                              .hops_now = news.hops_now};
  if (const auto verdict = precedents_.find(like)) return batch_.repeat(*verdict, news.entry);
  const std::size_t mark = batch_.mark();
  for (const auto& voice : voices_) {
    live_ = voice->of(family);
    const bool all = voice->dialect.add_path.contains(family);
    if (all) live_ -= best_alone_;
    if (live_.empty()) continue;
    const Hearers hearers{.dialect = &voice->dialect, .clients = &live_};
    if (all) {
      tell_all(hearers, news.entry, news.before, news.now);
    } else {
      tell_best(hearers, news);
    }
  }
  precedents_.add(like, batch_.since(mark));
}

// Counts whom the prefix comes into view for, and whom it leaves.
void Publisher::count_views(net::Family family, std::span<const RouteRef> before,
                            std::span<const RouteRef> now) {
  group_.clear();
  rest_.clear();
  for (const RouteRef& route : Rib::accepted(now)) group_ |= paths_->exports(route.path).all;
  for (const RouteRef& had : Rib::accepted(before)) rest_ |= paths_->exports(had.path).all;
  ViewCount& count = family == net::Family::kIpv4 ? views_ipv4_ : views_ipv6_;
  if (group_ == rest_) return;
  live_ = group_;
  live_ -= rest_;
  count.add(live_, 1);
  rest_ -= group_;
  count.add(rest_, -1);
}

std::size_t Publisher::view_size(PeerId id, net::Family family) const {
  return (family == net::Family::kIpv4 ? views_ipv4_ : views_ipv6_).of(id);
}

// Whether a client that was told the one hears nothing new in the other: only who else may have the
// route differs, or how it ranks.
bool Publisher::sound_alike(const Choice& a, const Choice& b) const {
  if (a.treatment != b.treatment) return false;
  if (a.path == b.path) return true;
  const Path& one = (*paths_)[a.path];
  const Path& other = (*paths_)[b.path];
  return one.peer == other.peer && one.told == other.told &&
         one.told_next_hop == other.told_next_hop;
}

void Publisher::tell_best(const Hearers& hearers, const News& news) {
  selection_->best(news.now, *hearers.clients, now_);
  selection_->best(news.before, *hearers.clients, before_);
  rest_.clear();  // those who had a route
  for (const auto& had : before_.view()) rest_ |= had.clients;
  for (const auto& gets : now_.view()) {
    shares_used_ = 0;
    for (const HopGroup& hop : hop_sets_[news.hops_now]) add_share(news, gets, &hop);
    add_share(news, gets, nullptr);
    if (shares_used_ > 0) {
      batch_.announce(
          *hearers.dialect,
          {.path = gets.choice.path, .treatment = gets.choice.treatment, .next_hop = {}},
          std::span(shares_).first(shares_used_), news.entry);
    }
    rest_ -= gets.clients;
  }
  if (!rest_.empty()) {
    batch_.withdraw({.dialect = hearers.dialect, .clients = &rest_}, news.entry, 0);
  }
}

// Those of one choice who are to be told it with that next hop; null: with its own.
void Publisher::add_share(const News& news, const ChoiceGroups::Group& gets, const HopGroup* hop) {
  group_ = gets.clients;
  if (hop != nullptr) {
    group_ &= hop->clients;
  } else {
    for (const HopGroup& other : hop_sets_[news.hops_now]) group_ -= other.clients;
  }
  if (!group_.empty()) drop_told_best(news, gets.choice, hop);
  if (group_.empty()) return;
  if (shares_used_ == shares_.size()) shares_.emplace_back();
  Share& share = shares_[shares_used_++];
  share.next_hop = hop == nullptr ? std::nullopt : std::optional(hop->next_hop);
  share.clients = group_;
}

// Takes those who were told just this, with that next hop, out of group_.
void Publisher::drop_told_best(const News& news, const Choice& gets, const HopGroup* hop) {
  const HopGroups& told = hop_sets_[news.hops_before];
  const auto same =
      hop == nullptr ? told.end() : std::ranges::find(told, hop->next_hop, &HopGroup::next_hop);
  if (hop != nullptr && same == told.end()) return;
  for (const auto& had : before_.view()) {
    if (!sound_alike(had.choice, gets)) continue;
    told_ = had.clients;
    if (hop != nullptr) {
      told_ &= same->clients;
    } else {
      for (const HopGroup& other : told) told_ -= other.clients;
    }
    group_ -= told_;
  }
}

// Takes those who were told just this of the route before out of group_.
void Publisher::drop_told(const RouteRef& had, const Choice& gets) {
  for (const ExportRule& rule : (*paths_)[had.path].exports->rules) {
    if (sound_alike({.path = had.path, .treatment = rule.treatment}, gets)) group_ -= rule.clients;
  }
}

// RFC 7911: every route, told apart by its announcer.
void Publisher::tell_all(const Hearers& hearers, EntryId entry, std::span<const RouteRef> before,
                         std::span<const RouteRef> now) {
  for (const RouteRef& route : Rib::accepted(now)) {
    const RouteRef* const had = Rib::route_of(Rib::accepted(before), route.peer);
    if (had != nullptr && had->path == route.path) continue;
    for (const ExportRule& rule : paths_->exports(route.path).rules) {
      group_ = rule.clients;
      group_ &= *hearers.clients;
      if (had != nullptr) drop_told(*had, {.path = route.path, .treatment = rule.treatment});
      if (group_.empty()) continue;
      batch_.announce({.dialect = hearers.dialect, .clients = &group_},
                      {.path = route.path, .treatment = rule.treatment, .next_hop = std::nullopt},
                      entry);
    }
  }
  for (const RouteRef& had : Rib::accepted(before)) {
    group_ = paths_->exports(had.path).all;
    group_ &= *hearers.clients;
    if (const RouteRef* const has = Rib::route_of(Rib::accepted(now), had.peer)) {
      group_ -= paths_->exports(has->path).all;
    }
    if (group_.empty()) continue;
    batch_.withdraw({.dialect = hearers.dialect, .clients = &group_}, entry,
                    UpdateBatch::path_id(had.peer));
  }
}

std::optional<net::IpAddress> Publisher::virtual_next_hop(PeerId id, EntryId entry) const {
  if (!next_hop_) return std::nullopt;
  return next_hop_(id, rib_->prefix(entry));
}

std::optional<net::IpAddress> Publisher::told_next_hop(PeerId id, EntryId entry) const {
  return hop_sets_.of(hops_told(entry), id);
}

// The caller holds it, until remember_hops() takes it over.
HopSetId Publisher::hops_now(EntryId entry, std::span<const RouteRef> now) {
  if (!next_hop_ || virtual_.empty() || Rib::accepted(now).empty()) return 0;
  if (by_group_.group) return hops_of_group(by_group_.group(entry), rib_->prefix(entry).family());
  hop_groups_.clear();
  virtual_.for_each([&](PeerId id) { put(hop_groups_, id, virtual_next_hop(id, entry)); });
  return hop_sets_.take(hop_groups_);
}

HopSetId Publisher::hops_of_group(std::uint64_t group, net::Family family) {
  if (group == 0) return 0;
  const std::uint64_t key = group * 2 + (family == net::Family::kIpv4 ? 0 : 1);
  // Many a prefix comes after one of its group.
  if (last_group_hops_.first != key) {
    const auto [found, is_new] = group_hops_.try_emplace(key, 0);
    if (is_new) {
      by_group_.hops(group, family, virtual_, hop_groups_);
      found->second = hop_sets_.take(hop_groups_);
    }
    last_group_hops_ = *found;
  }
  hop_sets_.hold(last_group_hops_.second);
  return last_group_hops_.second;
}

// What groups said holds until they say something else, or to others. It is forgotten too when
// there is much of it, as most of that may be of groups that are no more.
void Publisher::review_group_hops() {
  constexpr std::size_t kMany = 16384;
  if (!by_group_.group || (virtual_.empty() && group_hops_.empty())) return;
  const std::uint64_t version = by_group_.version();
  const bool holds = version == group_hops_version_ && virtual_ == group_hops_of_;
  if (!holds || group_hops_.size() > kMany) forget_group_hops();
  group_hops_version_ = version;
  group_hops_of_ = virtual_;
}

void Publisher::forget_group_hops() {
  for (const auto& [group, hops] : group_hops_) hop_sets_.release(hops);
  group_hops_.clear();
  last_group_hops_ = {};
}

HopSetId Publisher::hops_told(EntryId entry) const {
  return entry.value < told_hops_.size() ? told_hops_[entry.value] : 0;
}

void Publisher::remember_hops(EntryId entry, HopSetId hops) {
  if (entry.value >= told_hops_.size()) {
    if (hops == 0) return;
    told_hops_.resize(rib_->end());
  }
  hop_sets_.release(told_hops_[entry.value]);
  told_hops_[entry.value] = hops;
}

void Publisher::remember_hop(PeerId id, EntryId entry,
                             const std::optional<net::IpAddress>& next_hop) {
  if (told_next_hop(id, entry) == next_hop) return;
  hop_groups_ = hop_sets_[hops_told(entry)];
  put(hop_groups_, id, next_hop);
  remember_hops(entry, hop_sets_.take(hop_groups_));
}

// One client alone. With policies it gets the best route alone, whatever its dialect: its virtual
// next hop stands for that and for the policies.
void Publisher::tell_virtual(PeerId id, EntryId entry, std::span<const RouteRef> before,
                             std::span<const RouteRef> now) {
  Client& one = client(id);
  ClientSet alone;
  alone.insert(id);
  const Hearers hearers{.dialect = &one.voice->dialect, .clients = &alone};
  const auto had = selection_->best(before, id);
  const auto gets = selection_->best(now, id);
  const bool by_path = one.voice->dialect.add_path.contains(rib_->prefix(entry).family());
  const auto peer_of = [&](const Choice& choice) { return (*paths_)[choice.path].peer; };
  if (had && (!gets || (by_path && peer_of(*had) != peer_of(*gets)))) {
    batch_.withdraw(hearers, entry, UpdateBatch::path_id(peer_of(*had)));
  }
  const auto instead = gets ? virtual_next_hop(id, entry) : std::nullopt;
  const bool same = had && gets && sound_alike(*had, *gets) && instead == told_next_hop(id, entry);
  if (gets && !same) {
    batch_.announce(hearers,
                    {.path = gets->path, .treatment = gets->treatment, .next_hop = instead}, entry);
  }
  remember_hop(id, entry, instead);
}

void Publisher::flush() {
  if (batch_.empty()) return;
  batch_.flush([this](const ClientSet& hearers, const ChunkPtr& chunk) {
    hearers.for_each([&](PeerId id) { deliver(id, chunk); });
  });
}

void Publisher::deliver(PeerId id, const ChunkPtr& chunk) {
  Client& one = client(id);
  // It has just been shed.
  if (one.catchup) return remember(*one.catchup, *chunk);
  one.outbox.push(chunk);
  if (one.outbox.size() > limits_.backlog) shed(id);
}

bool Publisher::has_output(PeerId id) const {
  const Client& one = client(id);
  return one.session && (!one.outbox.empty() || one.catchup);
}

std::vector<std::span<const std::byte>> Publisher::output(PeerId id) {
  if (!is_up(id)) return {};
  if (client(id).outbox.empty() && client(id).catchup) catch_up(id);
  return client(id).outbox.front();
}

void Publisher::sent(PeerId id, std::size_t octets) {
  if (!is_up(id)) return;
  client(id).outbox.consume(octets);
  if (!is_busy(id)) pause(id);
}

std::size_t Publisher::backlog(PeerId id) const {
  return client(id).outbox.size();
}

std::vector<PeerId> Publisher::hopeless() const {
  std::vector<PeerId> all;
  if (rib_->forgettable() <= limits_.forgettable) return all;
  waiting_.for_each([&](PeerId id) { all.push_back(id); });
  return all;
}

bool Publisher::is_busy(PeerId id) const {
  return client(id).catchup || !client(id).outbox.empty();
}

// The client has nothing under way.
void Publisher::pause(PeerId id) {
  if (!waiting_.contains(id)) return;
  waiting_.erase(id);
  tidy();
}

// Places of prefixes that are gone are free when each client that could have had news of them under
// way has paused since.
void Publisher::tidy() {
  while (waiting_.empty()) {
    rib_->forget(leaving_);
    leaving_ = rib_->take_forgettable();
    if (leaving_.empty()) return;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      const PeerId id{static_cast<std::uint16_t>(i)};
      if (is_busy(id)) waiting_.insert(id);
    }
  }
}

}  // namespace fabrix::routeserver
