#include "rpki/rpki_state.h"

#include <algorithm>
#include <utility>

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
  const std::string vrps = fmt::format("{} VRPs", status.vrps);
  const std::string aspas = status.aspas == 0 ? "" : fmt::format(", {} ASPAs", status.aspas);
  switch (status.coverage) {
    case Coverage::kCurrent:
      return fmt::format("{}{} from cache {}", vrps, aspas, name_in_use(status));
    case Coverage::kStale:
      return fmt::format("{}{} from cache {}, connection lost", vrps, aspas, name_in_use(status));
    case Coverage::kLocalOnly:
      return fmt::format("{}{}, all local: no cache has data", vrps, aspas);
    case Coverage::kNone:
      return "no VRPs: every route is NotFound, none is rejected as Invalid";
  }
  FABRIX_ASSERT(false);
}

VrpSources::VrpSources(std::vector<std::string> cache_names) {
  caches_.reserve(cache_names.size());
  for (std::string& name : cache_names) caches_.push_back({.name = std::move(name)});
}

void VrpSources::cache_current(CacheId cache, const VrpsCurrent& current, TimePoint now) {
  FABRIX_ASSERT(current.table != nullptr && current.aspas != nullptr);
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

void VrpSources::set_static(const StaticData& data, TimePoint now,
                            std::chrono::sys_seconds wall_now) {
  const auto add = [&](const auto& item, const auto& expires, auto& to) {
    if (!expires) {
      to.push_back({.item = item, .expires = {}});
    } else if (*expires > wall_now) {
      // A date beyond what the clock can count is as good as never.
      const auto left = std::min<seconds>(*expires - wall_now, std::chrono::years(100));
      to.push_back({.item = item, .expires = now + left});
    }
  };
  local_vrps_.clear();
  local_vrps_.reserve(data.vrps.size());
  for (const StaticVrp& entry : data.vrps) add(entry.vrp, entry.expires, local_vrps_);
  local_aspas_.clear();
  for (const StaticAspa& entry : data.aspas) add(entry.aspa, entry.expires, local_aspas_);
  local_deadline_.reset();
  expire_local(now);
  changed_ = true;
}

void VrpSources::set_slurm(Slurm slurm) {
  slurm_ = std::move(slurm);
  changed_ = true;
}

const RpkiTables& VrpSources::tables(TimePoint now) {
  if (local_deadline_ && *local_deadline_ <= now) {
    expire_local(now);
    changed_ = true;
  }
  for (Cache& each : caches_) {
    if (!each.has_data(now)) each.data.reset();
  }
  const bool local_changed = std::exchange(changed_, false);
  const Cache* const cache = preferred(now, RtrVersion::kRfc6810);
  const auto vrps = cache == nullptr ? nullptr : cache->data->table;
  if (std::exchange(base_vrps_, vrps) != vrps || local_changed) tables_.vrps = combined_vrps();
  const Cache* const with_aspas = preferred(now, RtrVersion::kDraft8210bis);
  const auto aspas = with_aspas == nullptr ? nullptr : with_aspas->data->aspas;
  if (std::exchange(base_aspas_, aspas) == aspas && !local_changed) return tables_;
  const auto combined = combined_aspas();
  if (*combined != *tables_.aspas) tables_.aspas = combined;
  return tables_;
}

std::optional<TimePoint> VrpSources::deadline() const {
  std::optional<TimePoint> first = local_deadline_;
  for (const Cache& cache : caches_) {
    if (cache.data && (!first || cache.data->expires < *first)) first = cache.data->expires;
  }
  return first;
}

RpkiStatus VrpSources::status(TimePoint now) const {
  RpkiStatus status{.vrps = tables_.vrps->size(),
                    .aspas = tables_.aspas->size(),
                    .static_vrps = local_vrps_.size(),
                    .static_aspas = local_aspas_.size(),
                    .slurm_filters = slurm_.filters.size(),
                    .slurm_assertions = slurm_.assertions.size(),
                    .caches = {}};
  const Cache* const used = preferred(now, RtrVersion::kRfc6810);
  if (used != nullptr) {
    status.coverage = used->link == CacheLink::kUp ? Coverage::kCurrent : Coverage::kStale;
  } else if (!tables_.vrps->empty()) {
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
    row.aspas = cache.data->aspas->size();
    row.session = cache.data->session;
    row.age = duration_cast<seconds>(now - cache.updated);
    row.expires_in = duration_cast<seconds>(cache.data->expires - now);
  }
  return status;
}

// Among the caches that speak this version or a newer one.
const VrpSources::Cache* VrpSources::preferred(TimePoint now, RtrVersion least) const {
  const auto found = std::ranges::find_if(caches_, [&](const Cache& cache) {
    return cache.has_data(now) && cache.data->session.version >= least;
  });
  return found == caches_.end() ? nullptr : &*found;
}

// Forgets static data whose time is over, and notes when to look again.
void VrpSources::expire_local(TimePoint now) {
  std::optional<TimePoint> first;
  const auto look_at = [&](auto& all) {
    std::erase_if(all, [now](const auto& local) { return local.expires && *local.expires <= now; });
    for (const auto& local : all) {
      if (local.expires && (!first || *local.expires < *first)) first = local.expires;
    }
  };
  look_at(local_vrps_);
  look_at(local_aspas_);
  const bool again = local_deadline_.has_value();
  local_deadline_ = first;
  // Many entries that expire one after another are not a rebuild each.
  if (first && again) local_deadline_ = std::max(*first, now + kStaticGranularity);
}

std::shared_ptr<const VrpTable> VrpSources::combined_vrps() const {
  if (base_vrps_ && local_vrps_.empty() && slurm_.empty()) return base_vrps_;
  std::vector<Vrp> vrps = base_vrps_ ? base_vrps_->vrps() : std::vector<Vrp>();
  for (const auto& local : local_vrps_) vrps.push_back(local.item);
  apply_slurm(slurm_, vrps);
  return std::make_shared<const VrpTable>(VrpTable::build(std::move(vrps)));
}

std::shared_ptr<const AspaTable> VrpSources::combined_aspas() const {
  if (base_aspas_ && local_aspas_.empty()) return base_aspas_;
  std::vector<Aspa> aspas = base_aspas_ ? base_aspas_->aspas() : std::vector<Aspa>();
  for (const auto& local : local_aspas_) aspas.push_back(local.item);
  return std::make_shared<const AspaTable>(AspaTable::build(std::move(aspas)));
}

}  // namespace fabrix::rpki
