// VrpSources: where VRPs and ASPAs come from, and which of them hold now.
//
//     the most preferred cache with unexpired data   (RFC 8210 §10: one cache, not a mixture)
//   + static VRPs from a file, until each expires
//   - what SLURM filters match, + what SLURM asserts (RFC 8416)
//   = tables().vrps
//
//     the most preferred cache with unexpired data of version 2, as others have no ASPAs
//   + static ASPAs from a file, until each expires
//   = tables().aspas
//
// Data of a cache that was lost stays in use until its Expire (RFC 8210 §6), and a less preferred
// cache takes over only then: switching at each loss would re-evaluate routes for nothing. When
// nothing is left the tables are empty: every route is NotFound, so nothing is Valid either, and
// the status says it in words. Pure: time is passed in. Not thread-safe; tables handed out are
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
  std::size_t aspas = 0;
  std::optional<RtrSession> session;        // none: no data
  std::optional<std::chrono::seconds> age;  // since the last End of Data
  std::optional<std::chrono::seconds> expires_in;

  friend bool operator==(const CacheStatus&, const CacheStatus&) = default;
};

struct RpkiStatus {
  Coverage coverage = Coverage::kNone;
  std::size_t vrps = 0;  // of the tables
  std::size_t aspas = 0;
  std::size_t static_vrps = 0;
  std::size_t static_aspas = 0;
  std::size_t slurm_filters = 0;
  std::size_t slurm_assertions = 0;
  std::vector<CacheStatus> caches;  // most preferred first
};

// One line: "713201 VRPs from cache rpki1, connection lost".
std::string describe(const RpkiStatus& status);

// Never null.
struct RpkiTables {
  std::shared_ptr<const VrpTable> vrps = std::make_shared<const VrpTable>();
  std::shared_ptr<const AspaTable> aspas = std::make_shared<const AspaTable>();

  // The same objects.
  friend bool operator==(const RpkiTables&, const RpkiTables&) = default;
};

class VrpSources {
 public:
  // Static data is looked at for expiry this often.
  static constexpr std::chrono::seconds kStaticGranularity{60};

  // Most preferred first.
  explicit VrpSources(std::vector<std::string> cache_names);

  // What a cache's RtrClient reports.
  void cache_current(CacheId cache, const VrpsCurrent& current, TimePoint now);
  void cache_dropped(CacheId cache);
  void cache_link(CacheId cache, CacheLink link, std::string detail);

  // In place of earlier ones. Expired entries count for nothing. `now` and `wall_now` are the same
  // moment on two clocks.
  void set_static(const StaticData& data, TimePoint now, std::chrono::sys_seconds wall_now);
  void set_slurm(Slurm slurm);

  // What holds now. A table is the same object until something changes. O(1) then, else O(n log n)
  // at most, and O(1) if there is neither static nor SLURM data.
  const RpkiTables& tables(TimePoint now);

  // When tables() may change with time alone, if ever.
  std::optional<TimePoint> deadline() const;

  // As of the last tables().
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

  template <typename Item>
  struct Local {
    Item item;
    std::optional<TimePoint> expires;
  };

  const Cache* preferred(TimePoint now, RtrVersion least) const;
  void expire_local(TimePoint now);
  std::shared_ptr<const VrpTable> combined_vrps() const;
  std::shared_ptr<const AspaTable> combined_aspas() const;

  std::vector<Cache> caches_;
  std::vector<Local<Vrp>> local_vrps_;
  std::vector<Local<Aspa>> local_aspas_;
  std::optional<TimePoint> local_deadline_;
  Slurm slurm_;
  bool changed_ = false;  // static data or SLURM
  // The caches', that tables_ were made from; may be null.
  std::shared_ptr<const VrpTable> base_vrps_;
  std::shared_ptr<const AspaTable> base_aspas_;
  RpkiTables tables_;
};

}  // namespace fabrix::rpki
