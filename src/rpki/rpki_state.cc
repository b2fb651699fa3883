#include "rpki/rpki_state.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace fabrix::rpki {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

std::string_view name_in_use(const RpkiStatus& status) {
  const auto used = std::ranges::find(status.caches, true, &CacheStatus::in_use);
  return used == status.caches.end() ? std::string_view() : used->name;
}

}  // namespace

std::string describe(const RpkiStatus& status) {
  switch (status.coverage) {
    case Coverage::kCurrent:
      return fmt::format("{} VRPs from cache {}", status.vrps, name_in_use(status));
    case Coverage::kStale:
      return fmt::format("{} VRPs from cache {}, connection lost", status.vrps,
                         name_in_use(status));
    case Coverage::kLocalOnly:
      return fmt::format("{} VRPs, all local: no cache has data", status.vrps);
    case Coverage::kNone:
      return "no VRPs: every route is NotFound, none is rejected as Invalid";
  }
  FABRIX_ASSERT(false);
}

VrpSources::VrpSources(std::vector<std::string> cache_names)
    : table_(std::make_shared<const VrpTable>()) {
  caches_.reserve(cache_names.size());
  for (std::string& name : cache_names) caches_.push_back({.name = std::move(name)});
}

void VrpSources::cache_current(CacheId cache, const VrpsCurrent& current, TimePoint now) {
  FABRIX_ASSERT(current.table != nullptr);
  caches_.at(cache.index()).data = current;
  caches_.at(cache.index()).updated = now;
}

void VrpSources::cache_dropped(CacheId cache) {
  caches_.at(cache.index()).data.reset();
}

void VrpSources::cache_link(CacheId cache, CacheLink link, std::string detail) {
  caches_.at(cache.index()).link = link;
  caches_.at(cache.index()).detail = std::move(detail);
}

void VrpSources::set_static(const std::vector<StaticVrp>& vrps, TimePoint now,
                            std::chrono::sys_seconds wall_now) {
  local_.clear();
  local_.reserve(vrps.size());
  for (const auto& [vrp, expires] : vrps) {
    if (!expires) {
      local_.push_back({.vrp = vrp, .expires = {}});
    } else if (*expires > wall_now) {
      // A date beyond what the clock can count is as good as never.
      const auto left = std::min<seconds>(*expires - wall_now, std::chrono::years(100));
      local_.push_back({.vrp = vrp, .expires = now + left});
    }
  }
  local_deadline_.reset();
  expire_local(now);
  changed_ = true;
}

void VrpSources::set_slurm(Slurm slurm) {
  slurm_ = std::move(slurm);
  changed_ = true;
}

const std::shared_ptr<const VrpTable>& VrpSources::table(TimePoint now) {
  if (local_deadline_ && *local_deadline_ <= now) {
    expire_local(now);
    changed_ = true;
  }
  for (Cache& each : caches_) {
    if (!each.has_data(now)) each.data.reset();
  }
  const Cache* const cache = preferred(now);
  const auto base = cache == nullptr ? nullptr : cache->data->table;
  if (!changed_ && base == base_) return table_;
  base_ = base;
  changed_ = false;
  table_ = combined();
  return table_;
}

std::optional<TimePoint> VrpSources::deadline() const {
  std::optional<TimePoint> first = local_deadline_;
  for (const Cache& cache : caches_) {
    if (cache.data && (!first || cache.data->expires < *first)) first = cache.data->expires;
  }
  return first;
}

RpkiStatus VrpSources::status(TimePoint now) const {
  RpkiStatus status{.vrps = table_->size(),
                    .static_vrps = local_.size(),
                    .slurm_filters = slurm_.filters.size(),
                    .slurm_assertions = slurm_.assertions.size(),
                    .caches = {}};
  const Cache* const used = preferred(now);
  if (used != nullptr) {
    status.coverage = used->link == CacheLink::kUp ? Coverage::kCurrent : Coverage::kStale;
  } else if (!table_->empty()) {
    status.coverage = Coverage::kLocalOnly;
  }
  for (const Cache& cache : caches_) {
    CacheStatus& row = status.caches.emplace_back();
    row.name = cache.name;
    row.link = cache.link;
    row.detail = cache.detail;
    row.in_use = &cache == used;
    if (!cache.has_data(now)) continue;
    row.vrps = cache.data->table->size();
    row.session = cache.data->session;
    row.age = duration_cast<seconds>(now - cache.updated);
    row.expires_in = duration_cast<seconds>(cache.data->expires - now);
  }
  return status;
}

const VrpSources::Cache* VrpSources::preferred(TimePoint now) const {
  const auto found =
      std::ranges::find_if(caches_, [now](const Cache& cache) { return cache.has_data(now); });
  return found == caches_.end() ? nullptr : &*found;
}

// Forgets static VRPs whose time is over, and notes when to look again.
void VrpSources::expire_local(TimePoint now) {
  std::erase_if(local_,
                [now](const LocalVrp& local) { return local.expires && *local.expires <= now; });
  std::optional<TimePoint> first;
  for (const LocalVrp& local : local_) {
    if (local.expires && (!first || *local.expires < *first)) first = local.expires;
  }
  const bool again = local_deadline_.has_value();
  local_deadline_ = first;
  // Many entries that expire one after another are not a rebuild each.
  if (first && again) local_deadline_ = std::max(*first, now + kStaticGranularity);
}

std::shared_ptr<const VrpTable> VrpSources::combined() const {
  if (base_ && local_.empty() && slurm_.empty()) return base_;
  std::vector<Vrp> vrps = base_ ? base_->vrps() : std::vector<Vrp>();
  for (const LocalVrp& local : local_) vrps.push_back(local.vrp);
  apply_slurm(slurm_, vrps);
  return std::make_shared<const VrpTable>(VrpTable::build(std::move(vrps)));
}

}  // namespace fabrix::rpki
