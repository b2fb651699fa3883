// Clients out of step: how they fall behind, and how they are brought up to date.

#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_writer.h"
#include "bgp/capability.h"
#include "bgp/route_refresh_message.h"
#include "bgp/update_encoder.h"
#include "routeserver/publisher.h"

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

}  // namespace

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
  if (!session(id).add_path.empty() && best_alone_.contains(id) != wants) {
    // From all routes to the best, or back.
    if (wants) {
      virtual_.insert(id);
      best_alone_.insert(id);
    } else {
      virtual_.erase(id);
      best_alone_.erase(id);
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

// The client is out of step: what it knows of this entry is not worth knowing, unless only next
// hops can have changed.
void Publisher::tell_behind(PeerId id, EntryId entry) {
  const auto now = rib_->published(entry);
  const Client& one = client(id);
  const net::Family family = rib_->prefix(entry).family();
  if (!one.session->families.contains(family)) return;
  if (virtual_.contains(id)) return tell_virtual(id, entry, {}, now);
  remember_hop(id, entry, std::nullopt);
  ClientSet alone;
  alone.insert(id);
  const Hearers hearers{.dialect = &one.voice->dialect, .clients = &alone};
  if (one.voice->dialect.add_path.contains(family)) {
    tell_all(hearers, entry, {}, now);
  } else {
    tell_best(hearers, {.entry = entry, .before = {}, .now = now});
  }
}

// The client may know something of this entry that is no longer so.
void Publisher::forget_told(PeerId id, EntryId entry) {
  const Client& one = client(id);
  remember_hop(id, entry, std::nullopt);
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
  const bool best_alone = best_alone_.contains(id);
  const auto best = best_alone ? selection_->best(now, id) : std::nullopt;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    const PeerId peer{static_cast<std::uint16_t>(i)};
    const RouteRef* const route = Rib::route_of(Rib::accepted(now), peer);
    const bool has = best_alone ? best && (*paths_)[best->path].peer == peer
                                : route != nullptr && selection_->treatment(route->path, id);
    if (!has) batch_.withdraw(hearers, entry, UpdateBatch::path_id(peer));
  }
}

void Publisher::shed(PeerId id) {
  if (!is_up(id)) return;
  Catchup& catchup = fall_behind(id);
  client(id).outbox.clear([&](const Chunk& chunk) { remember(catchup, chunk); });
}

// What the chunk said is still to be said.
void Publisher::remember(Catchup& catchup, const Chunk& chunk) {
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

// Whether it has one now, or was told one.
bool Publisher::has_other_next_hop(PeerId id, EntryId entry) const {
  return virtual_.contains(id) || told_next_hop(id, entry).has_value();
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
    } else if (has_other_next_hop(id, entry)) {
      const auto now = rib_->published(entry);
      tell_virtual(id, entry, now, now);
    }
  }
  // Not through deliver(): a slice is bounded as it is, and shedding it would begin it again.
  batch_.flush([&](const ClientSet&, const ChunkPtr& chunk) { client(id).outbox.push(chunk); });
  if (catchup.noted.empty() && catchup.cursor >= rib_->end()) finish_catchup(id);
}

// Says it of these families, of which none is left then.
void Publisher::say(PeerId id, Remark remark, bgp::FamilySet& families) {
  for (const net::Family family : kFamilies) {
    if (!families.contains(family)) continue;
    Chunk chunk{.bytes = encode(remark, family), .entries = {}, .remark = {{remark, family}}};
    client(id).outbox.push(std::make_shared<const Chunk>(std::move(chunk)));
  }
  families = {};
}

void Publisher::finish_catchup(PeerId id) {
  Client& one = client(id);
  say(id, Remark::kRefreshEnds, one.catchup->refreshes_end);
  say(id, Remark::kEndOfRib, one.catchup->end_of_rib);
  one.catchup.reset();
  join(id);
  if (!is_busy(id)) pause(id);
}

}  // namespace fabrix::routeserver
