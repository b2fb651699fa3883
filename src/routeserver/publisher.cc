#include "routeserver/publisher.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "base/byte_writer.h"
#include "bgp/capability.h"
#include "bgp/route_refresh_message.h"
#include "bgp/update_encoder.h"

namespace fabrix::routeserver {
namespace {

// Entries that a client out of step is told about in one go, and looked through for that.
constexpr std::size_t kTellAtOnce = 2048;
constexpr std::size_t kLookAtOnce = 32768;

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

std::vector<std::byte> encode(Remark remark, net::Family family) {
  ByteWriter out;
  if (remark == Remark::kEndOfRib) {
    bgp::encode_end_of_rib(family, out);
    return out.take();
  }
  using Subtype = bgp::RouteRefreshMessage::Subtype;
  const bgp::Multiprotocol unicast{.afi = static_cast<std::uint16_t>(family),
                                   .safi = bgp::Safi::kUnicast};
  const auto subtype = remark == Remark::kRefreshBegins ? Subtype::kBegin : Subtype::kEnd;
  bgp::encode_route_refresh_message({.family = unicast, .subtype = subtype}, out);
  return out.take();
}

// The route of a list that is a peer's; null if it has none.
const RouteRef* route_of(std::span<const RouteRef> routes, PeerId peer) {
  const auto found = std::ranges::find(routes, peer, &RouteRef::peer);
  return found == routes.end() ? nullptr : &*found;
}

}  // namespace

Publisher::Publisher(const PathStore& paths, Rib& rib, Selection& selection)
    : paths_(&paths), rib_(&rib), selection_(&selection), batch_(paths, rib) {}

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
  const Dialect dialect{.asn_width = info.asn_width,
                        .max_message = info.max_message,
                        .extended_next_hop = info.extended_next_hop,
                        .add_path = info.add_path};
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
  } else {
    virtual_.erase(id);
  }
  Catchup& catchup = fall_behind(id);
  catchup.cursor = 0;
  catchup.end_of_rib = info.families;
}

void Publisher::session_down(PeerId id) {
  if (!is_up(id)) return;
  leave(id);
  behind_.erase(id);
  const bool wants_virtual = client(id).wants_virtual;
  client(id) = Client{};
  client(id).wants_virtual = wants_virtual;
  pause(id);
}

void Publisher::set_virtual(PeerId id, bool is_virtual) {
  client(id).wants_virtual = is_virtual;
  const bool waits = is_up(id) && !session(id).add_path.empty();
  if (is_virtual && !waits) virtual_.insert(id);
}

void Publisher::refresh(PeerId id, net::Family family) {
  if (!is_up(id) || !session(id).families.contains(family)) return;
  const bool dumping = client(id).catchup && client(id).catchup->cursor < rib_->end();
  Catchup& catchup = fall_behind(id);
  const bool more = dumping && catchup.only != family;
  catchup.only = more ? std::nullopt : std::optional(family);
  catchup.cursor = 0;
  catchup.task = CatchupTask::kResend;
  if (session(id).enhanced_refresh) catchup.refreshes_begin.insert(family);
}

// Whatever it knows of any prefix.
void Publisher::note_everything(PeerId id) {
  Catchup& catchup = fall_behind(id);
  for (std::uint32_t i = 0; i < rib_->end(); ++i) {
    if (!rib_->is_free(EntryId{i})) catchup.noted.insert(EntryId{i});
  }
}

void Publisher::look_again(PeerId id) {
  if (!is_up(id)) return;
  const bool wants = client(id).wants_virtual;
  if (!session(id).add_path.empty() && virtual_.contains(id) != wants) {
    // From all routes to the best, or back.
    if (wants) {
      virtual_.insert(id);
    } else {
      virtual_.erase(id);
    }
    return note_everything(id);
  }
  const bool dumping = client(id).catchup && client(id).catchup->cursor < rib_->end();
  Catchup& catchup = fall_behind(id);
  if (!dumping) catchup.task = CatchupTask::kCompare;
  if (catchup.task == CatchupTask::kInitial) {
    for (std::uint32_t i = 0; i < catchup.cursor; ++i) {
      if (!rib_->is_free(EntryId{i})) catchup.noted.insert(EntryId{i});
    }
    return;
  }
  catchup.cursor = 0;
  catchup.only = std::nullopt;
}

void Publisher::publish(std::span<const EntryId> entries) {
  for (const EntryId entry : entries) {
    rib_->publish(entry, [this](EntryId id, std::span<const RouteRef> before,
                                std::span<const RouteRef> now) { publish_one(id, before, now); });
  }
  flush();
  tidy();
}

void Publisher::publish_one(EntryId entry, std::span<const RouteRef> before,
                            std::span<const RouteRef> now) {
  const net::Family family = rib_->prefix(entry).family();
  count_views(family, before, now);
  for (const auto& voice : voices_) {
    live_ = voice->of(family);
    live_ -= virtual_;
    if (live_.empty()) continue;
    const Hearers hearers{.dialect = &voice->dialect, .clients = &live_};
    if (voice->dialect.add_path.contains(family)) {
      tell_all(hearers, entry, before, now);
    } else {
      tell_best(hearers, entry, before, now);
    }
  }
  virtual_.for_each([&](PeerId id) {
    const Client& one = client(id);
    if (one.session && !one.catchup && one.session->families.contains(family)) {
      tell_virtual(id, entry, before, now);
    }
  });
  behind_.for_each([&](PeerId id) {
    Catchup& catchup = *client(id).catchup;
    if (entry.value < catchup.cursor || catchup.task != CatchupTask::kInitial) {
      catchup.noted.insert(entry);
    }
  });
}

// Counts whom the prefix comes into view for, and whom it leaves.
void Publisher::count_views(net::Family family, std::span<const RouteRef> before,
                            std::span<const RouteRef> now) {
  group_.clear();
  rest_.clear();
  for (const RouteRef& route : Rib::accepted(now)) group_ |= (*paths_)[route.path].exports->all;
  for (const RouteRef& had : Rib::accepted(before)) rest_ |= (*paths_)[had.path].exports->all;
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

void Publisher::tell_best(const Hearers& hearers, EntryId entry, std::span<const RouteRef> before,
                          std::span<const RouteRef> now) {
  selection_->best(now, *hearers.clients, now_);
  selection_->best(before, *hearers.clients, before_);
  rest_.clear();  // those who had a route
  for (const auto& had : before_.view()) rest_ |= had.clients;
  for (const auto& gets : now_.view()) {
    group_ = gets.clients;
    for (const auto& had : before_.view()) {
      if (had.choice == gets.choice) group_ -= had.clients;
    }
    rest_ -= gets.clients;
    if (group_.empty()) continue;
    batch_.announce(
        {.dialect = hearers.dialect, .clients = &group_},
        {.path = gets.choice.path, .treatment = gets.choice.treatment, .next_hop = std::nullopt},
        entry);
  }
  if (!rest_.empty()) {
    batch_.withdraw({.dialect = hearers.dialect, .clients = &rest_}, entry, 0);
  }
}

// RFC 7911: every route, told apart by its announcer.
void Publisher::tell_all(const Hearers& hearers, EntryId entry, std::span<const RouteRef> before,
                         std::span<const RouteRef> now) {
  for (const RouteRef& route : Rib::accepted(now)) {
    const RouteRef* const had = route_of(Rib::accepted(before), route.peer);
    if (had != nullptr && had->path == route.path) continue;
    for (const ExportRule& rule : (*paths_)[route.path].exports->rules) {
      group_ = rule.clients;
      group_ &= *hearers.clients;
      if (group_.empty()) continue;
      batch_.announce({.dialect = hearers.dialect, .clients = &group_},
                      {.path = route.path, .treatment = rule.treatment, .next_hop = std::nullopt},
                      entry);
    }
  }
  for (const RouteRef& had : Rib::accepted(before)) {
    group_ = (*paths_)[had.path].exports->all;
    group_ &= *hearers.clients;
    if (const RouteRef* const has = route_of(Rib::accepted(now), had.peer)) {
      group_ -= (*paths_)[has->path].exports->all;
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
  const auto& told = client(id).told_next_hops;
  const auto found = told.find(entry.value);
  if (found == told.end()) return std::nullopt;
  return found->second;
}

// A client with policies gets the best route alone, whatever its dialect: its virtual next hop
// stands for that and for the policies.
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
  const bool same = had == gets && instead == told_next_hop(id, entry);
  if (gets && !same) {
    batch_.announce(hearers,
                    {.path = gets->path, .treatment = gets->treatment, .next_hop = instead}, entry);
  }
  if (instead) {
    one.told_next_hops.insert_or_assign(entry.value, *instead);
  } else {
    one.told_next_hops.erase(entry.value);
  }
}

// The client is out of step: what it knows of this entry is not worth knowing, unless only next
// hops can have changed.
void Publisher::tell_behind(PeerId id, EntryId entry) {
  const auto now = rib_->published(entry);
  const Client& one = client(id);
  const net::Family family = rib_->prefix(entry).family();
  if (!one.session->families.contains(family)) return;
  if (virtual_.contains(id)) return tell_virtual(id, entry, {}, now);
  ClientSet alone;
  alone.insert(id);
  const Hearers hearers{.dialect = &one.voice->dialect, .clients = &alone};
  if (one.voice->dialect.add_path.contains(family)) {
    tell_all(hearers, entry, {}, now);
  } else {
    tell_best(hearers, entry, {}, now);
  }
}

// The client may know something of this entry that is no longer so.
void Publisher::forget_told(PeerId id, EntryId entry) {
  Client& one = client(id);
  one.told_next_hops.erase(entry.value);
  const net::Family family = rib_->prefix(entry).family();
  if (!one.session->families.contains(family)) return;
  ClientSet alone;
  alone.insert(id);
  const Hearers hearers{.dialect = &one.voice->dialect, .clients = &alone};
  const auto now = rib_->published(entry);
  if (!one.voice->dialect.add_path.contains(family)) {
    if (!selection_->best(now, id)) batch_.withdraw(hearers, entry, 0);
    return;
  }
  // Of whom it knows routes is not known, but whose it may have.
  const bool best_alone = virtual_.contains(id);
  const auto best = best_alone ? selection_->best(now, id) : std::nullopt;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    const PeerId peer{static_cast<std::uint16_t>(i)};
    const RouteRef* const route = route_of(Rib::accepted(now), peer);
    const bool has = best_alone ? best && (*paths_)[best->path].peer == peer
                                : route != nullptr && selection_->treatment(route->path, id);
    if (!has) batch_.withdraw(hearers, entry, UpdateBatch::path_id(peer));
  }
}

void Publisher::flush() {
  if (batch_.empty()) return;
  batch_.flush([this](const ClientSet& hearers, const ChunkPtr& chunk) {
    hearers.for_each([&](PeerId id) { push(id, chunk); });
  });
}

void Publisher::push(PeerId id, const ChunkPtr& chunk) {
  Outbox& outbox = client(id).outbox;
  outbox.push(chunk);
  if (outbox.size() > kMaxBacklog) shed(id);
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

void Publisher::shed(PeerId id) {
  if (!is_up(id)) return;
  Catchup& catchup = fall_behind(id);
  client(id).outbox.clear([&](const Chunk& chunk) { remember(catchup, chunk); });
}

// What the chunk said is still to be said.
void Publisher::remember(Catchup& catchup, const Chunk& chunk) const {
  for (const EntryId entry : chunk.entries) catchup.noted.insert(entry);
  if (!chunk.remark) return;
  const auto [remark, family] = *chunk.remark;
  switch (remark) {
    case Remark::kRefreshBegins:
      catchup.refreshes_begin.insert(family);
      return;
    case Remark::kRefreshEnds:
      catchup.refreshes_end.insert(family);
      return;
    case Remark::kEndOfRib:
      catchup.end_of_rib.insert(family);
      return;
  }
}

void Publisher::catch_up(PeerId id) {
  Catchup& catchup = *client(id).catchup;
  for (const net::Family family : kFamilies) {
    if (catchup.refreshes_begin.contains(family)) catchup.refreshes_end.insert(family);
  }
  say(id, Remark::kRefreshBegins, catchup.refreshes_begin);
  std::size_t told = 0;
  for (; told < kTellAtOnce && !catchup.noted.empty(); ++told) {
    const EntryId entry = catchup.noted.take();
    forget_told(id, entry);
    tell_behind(id, entry);
  }
  std::size_t looked = 0;
  for (; told < kTellAtOnce && looked < kLookAtOnce && catchup.cursor < rib_->end(); ++looked) {
    const EntryId entry{catchup.cursor++};
    const net::Family family = rib_->prefix(entry).family();
    const bool relevant = !rib_->is_free(entry) && session(id).families.contains(family) &&
                          (!catchup.only || family == *catchup.only);
    if (!relevant || Rib::accepted(rib_->published(entry)).empty()) continue;
    ++told;
    if (catchup.task != CatchupTask::kCompare) {
      tell_behind(id, entry);
    } else if (virtual_.contains(id)) {
      const auto now = rib_->published(entry);
      tell_virtual(id, entry, now, now);
    }
  }
  flush();
  if (catchup.noted.empty() && catchup.cursor >= rib_->end()) finish_catchup(id);
}

// Says it of these families, of which none is left then.
void Publisher::say(PeerId id, Remark remark, bgp::FamilySet& families) {
  for (const net::Family family : kFamilies) {
    if (!families.contains(family)) continue;
    push(id, std::make_shared<const Chunk>(Chunk{
                 .bytes = encode(remark, family), .entries = {}, .remark = {{remark, family}}}));
  }
  families = {};
}

void Publisher::finish_catchup(PeerId id) {
  Client& one = client(id);
  say(id, Remark::kRefreshEnds, one.catchup->refreshes_end);
  say(id, Remark::kEndOfRib, one.catchup->end_of_rib);
  one.catchup.reset();
  join(id);
  const bool waits = !one.session->add_path.empty();
  if (!one.wants_virtual && !waits && one.told_next_hops.empty()) virtual_.erase(id);
  if (!is_busy(id)) pause(id);
}

std::vector<PeerId> Publisher::hopeless() const {
  std::vector<PeerId> all;
  if (rib_->forgettable() <= kMaxForgettable) return all;
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
