#include "routeserver/path_store.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::routeserver {
namespace {

std::size_t hash_of(const PathKey& key) {
  std::size_t h = std::hash<bgp::PathAttributes>{}(*key.attributes);
  for (const std::uint8_t octet : key.next_hop.octets()) h = h * 31 + octet;
  h = (h ^ key.peer.value ^ std::size_t{key.bgp_identifier} << 16U) * 0x9e3779b97f4a7c15U;
  h ^= static_cast<std::size_t>(key.family) << 8U;
  return h ^ static_cast<std::size_t>(key.liveness);
}

}  // namespace

PathStore::PathStore() : index_(0, Hash{this}, Equal{this}) {}

PathStore::~PathStore() = default;

bool PathStore::is(PathId id, const Wanted& wanted) const {
  const Slot& slot = *slots_[id.index()];
  const Path& path = slot.path;
  return slot.hash == wanted.hash && path.peer == wanted.key->peer &&
         path.liveness == wanted.key->liveness && path.family == wanted.key->family &&
         path.bgp_identifier == wanted.key->bgp_identifier &&
         path.next_hop == wanted.key->next_hop &&
         (path.attributes == wanted.key->attributes || *path.attributes == *wanted.key->attributes);
}

PathId PathStore::intern(const PathKey& key, const Judge& judge) {
  const Wanted wanted{.key = &key, .hash = hash_of(key)};
  if (const auto found = index_.find(wanted); found != index_.end()) {
    hold(*found);
    return *found;
  }
  return add(judge(key), wanted.hash);
}

PathId PathStore::add(Path path, std::size_t hash) {
  const Essence essence{.preference = path.preference,
                        .exports = path.exports.get(),
                        .holders = 1,
                        .bgp_identifier = path.bgp_identifier};
  auto slot = std::make_unique<Slot>(Slot{.path = std::move(path), .hash = hash});
  PathId id{static_cast<std::uint32_t>(slots_.size())};
  if (free_.empty()) {
    slots_.push_back(std::move(slot));
    essence_.push_back(essence);
  } else {
    id = free_.back();
    free_.pop_back();
    slots_[id.index()] = std::move(slot);
    essence_[id.index()] = essence;
  }
  index_.insert(id);
  return id;
}

PathId PathStore::judge_again(PathId id, const Judge& judge) {
  Slot& slot = *slots_[id.index()];
  const Path& old = slot.path;
  Path fresh = judge({.peer = old.peer,
                      .liveness = old.liveness,
                      .family = old.family,
                      .bgp_identifier = old.bgp_identifier,
                      .next_hop = old.next_hop,
                      .attributes = old.attributes});
  const bool same = fresh.preference == old.preference && fresh.exports == old.exports &&
                    fresh.told_next_hop == old.told_next_hop && *fresh.told == *old.told;
  if (same) {
    slot.path.verdict = fresh.verdict;
    slot.path.plain = fresh.plain;
    slot.path.demanding = fresh.demanding;
    hold(id);
    return id;
  }
  fresh.since = old.since;
  const std::size_t hash = slot.hash;
  index_.erase(id);
  slot.replaced = true;
  return add(std::move(fresh), hash);
}

std::vector<PathId> PathStore::all() const {
  return {index_.begin(), index_.end()};
}

void PathStore::release(PathId id) {
  std::uint32_t& holders = essence_[id.index()].holders;
  FABRIX_ASSERT(holders > 0);
  if (--holders > 0) return;
  if (!slots_[id.index()]->replaced) index_.erase(id);
  slots_[id.index()].reset();
  free_.push_back(id);
}

std::size_t PathStore::ExportHash::operator()(const ExportClassPtr& exports) const noexcept {
  std::size_t h = exports->all.hash();
  for (const ExportRule& rule : exports->rules) h = h * 31 + rule.clients.hash();
  return h;
}

namespace {

// A stamp is a place and how often it was in use before, 24 bits each.
constexpr unsigned kPlaceShift = 24;
constexpr std::uint32_t kRoundMask = (1U << kPlaceShift) - 1;

}  // namespace

ExportClassPtr PathStore::intern(ExportClass exports) {
  if (exports_.size() >= sweep_at_) sweep_exports();
  const auto made = std::make_shared<ExportClass>(std::move(exports));
  const auto [at, is_new] = exports_.insert(made);
  if (!is_new) return *at;
  if (free_export_places_.empty()) {
    free_export_places_.push_back(static_cast<std::uint32_t>(export_places_.size()));
    export_places_.emplace_back();
  }
  const std::uint32_t place = free_export_places_.back();
  free_export_places_.pop_back();
  export_places_[place].exports = made.get();
  made->stamp = std::uint64_t{place} << kPlaceShift | export_places_[place].round;
  return *at;
}

const ExportClass* PathStore::find_exports(std::uint64_t stamp) const {
  const std::size_t place = stamp >> kPlaceShift;
  if (place >= export_places_.size()) return nullptr;
  const ExportPlace& found = export_places_[place];
  return found.round == (stamp & kRoundMask) ? found.exports : nullptr;
}

void PathStore::sweep_exports() {
  std::erase_if(exports_, [this](const ExportClassPtr& each) {
    if (each.use_count() > 1) return false;
    const auto place = static_cast<std::uint32_t>(each->stamp >> kPlaceShift);
    export_places_[place].exports = nullptr;
    export_places_[place].round = (export_places_[place].round + 1) & kRoundMask;
    free_export_places_.push_back(place);
    return true;
  });
  sweep_at_ = std::max<std::size_t>(1024, 2 * exports_.size());
}

}  // namespace fabrix::routeserver
