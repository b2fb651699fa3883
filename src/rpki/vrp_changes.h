// What changes in a set of VRPs: applying changes, and which routes a change concerns.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "net/prefix.h"
#include "rpki/origin_validation.h"
#include "rpki/vrp.h"

namespace fabrix::rpki {

// As in the flags of a payload PDU (RFC 8210 §5.1).
enum class ChangeKind : std::uint8_t { kWithdraw = 0, kAnnounce = 1 };

struct VrpChange {
  ChangeKind kind = ChangeKind::kAnnounce;
  Vrp vrp;

  friend bool operator==(const VrpChange&, const VrpChange&) = default;
};

// `base`, sorted and without repetitions, after `changes` in their order; sorted. Fails with the
// first change of the smallest VRP that makes no sense: announcing what is there, or withdrawing
// what is not (RFC 8210 §12, errors 7 and 6).
Result<std::vector<Vrp>, VrpChange> apply_changes(const std::vector<Vrp>& base,
                                                  std::vector<VrpChange> changes);

// PrefixCover: blocks of addresses, to be asked whether a prefix lies in one of them.
class PrefixCover {
 public:
  // In any order; blocks inside others are dropped.
  explicit PrefixCover(std::vector<net::Prefix> blocks);

  // O(log n).
  bool covers(const net::Prefix& prefix) const;

  // Sorted, none inside another.
  const std::vector<net::Prefix>& blocks() const { return blocks_; }
  bool empty() const { return blocks_.empty(); }

 private:
  std::vector<net::Prefix> blocks_;
};

// The prefixes of the VRPs that are in one table only. A route's verdict can differ between the two
// only if this covers its prefix (RFC 6811 §5 asks for re-evaluation then). O(n).
PrefixCover changed_prefixes(const VrpTable& before, const VrpTable& after);

}  // namespace fabrix::rpki
