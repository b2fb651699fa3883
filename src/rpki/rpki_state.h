// VrpSources: where the VRPs come from, and which of them hold now.
//
//     the most preferred cache with unexpired data   (RFC 8210 §10: one cache, not a mixture)
//   + static VRPs from a file, until each expires
//   - what SLURM filters match, + what SLURM asserts (RFC 8416)
//   = table()
//
// Data of a cache that was lost stays in use until its Expire (RFC 8210 §6), and a less preferred
// cache takes over only then: switching at each loss would re-evaluate routes for nothing. When
// nothing is left the table is empty: every route is NotFound, so nothing is Valid either, and the
// status says it in words. Pure: time is passed in. Not thread-safe; tables handed out are
// immutable.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strong_id.h"
#include "rpki/origin_validation.h"
#include "rpki/rtr_client.h"
#include "rpki/slurm.h"
#include "rpki/vrps_json.h"

namespace fabrix::rpki {

// A cache, by its place in the order of preference.
using CacheId = StrongId<struct CacheTag, std::uint16_t>;

enum class CacheLink : std::uint8_t { kDown, kUp };

enum class Coverage : std::uint8_t {
  kCurrent,    // from a cache that we are connected to
  kStale,      // from a cache that was lost, and not yet expired
  kLocalOnly,  // static VRPs and assertions
  kNone,       // nothing: every route is NotFound
};

struct CacheStatus {
  std::string name;
  CacheLink link = CacheLink::kDown;
  std::string detail;  // of the link, for people
  bool in_use = false;
  std::size_t vrps = 0;
  std::optional<RtrSession> session;        // none: no data
  std::optional<std::chrono::seconds> age;  // since the last End of Data
  std::optional<std::chrono::seconds> expires_in;

  friend bool operator==(const CacheStatus&, const CacheStatus&) = default;
};

struct RpkiStatus {
  Coverage coverage = Coverage::kNone;
  std::size_t vrps = 0;  // of the table
  std::size_t static_vrps = 0;
  std::size_t slurm_filters = 0;
  std::size_t slurm_assertions = 0;
  std::vector<CacheStatus> caches;  // most preferred first
};

// One line: "713201 VRPs from cache rpki1, connection lost".
std::string describe(const RpkiStatus& status);

class VrpSources {
 public:
  // Static VRPs are looked at for expiry this often.
  static constexpr std::chrono::seconds kStaticGranularity{60};

  // Most preferred first.
  explicit VrpSources(std::vector<std::string> cache_names);

  // What a cache's RtrClient reports.
  void cache_current(CacheId cache, const VrpsCurrent& current, TimePoint now);
  void cache_dropped(CacheId cache);
  void cache_link(CacheId cache, CacheLink link, std::string detail);

  // In place of earlier ones. Expired entries count for nothing. `now` and `wall_now` are the same
  // moment on two clocks.
  void set_static(const std::vector<StaticVrp>& vrps, TimePoint now,
                  std::chrono::sys_seconds wall_now);
  void set_slurm(Slurm slurm);

  // What holds now; never null. The same object until something changes. O(1) then, else O(n log n)
  // at most, and O(1) if there is neither static nor SLURM data.
  const std::shared_ptr<const VrpTable>& table(TimePoint now);

  // When table() may change with time alone, if ever.
  std::optional<TimePoint> deadline() const;

  // As of the last table().
  RpkiStatus status(TimePoint now) const;

 private:
  struct Cache {
    std::string name;
    CacheLink link = CacheLink::kDown;
    std::string detail = "not connected yet";
    std::optional<VrpsCurrent> data;
    TimePoint updated;

    bool has_data(TimePoint now) const { return data && data->expires > now; }
  };

  struct LocalVrp {
    Vrp vrp;
    std::optional<TimePoint> expires;
  };

  const Cache* preferred(TimePoint now) const;
  void expire_local(TimePoint now);
  std::shared_ptr<const VrpTable> combined() const;

  std::vector<Cache> caches_;
  std::vector<LocalVrp> local_;
  std::optional<TimePoint> local_deadline_;
  Slurm slurm_;
  bool changed_ = false;                  // static VRPs or SLURM
  std::shared_ptr<const VrpTable> base_;  // the cache's, that table_ was made from; may be null
  std::shared_ptr<const VrpTable> table_;
};

}  // namespace fabrix::rpki
