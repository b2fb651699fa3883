// AttributePool: equal path attributes are one object (interning): memory is per distinct attribute
// set, and equality of pointers is equality of values.
//
// Entries that nobody uses are swept when the pool has doubled since the last sweep. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <unordered_set>

#include "bgp/path_attributes.h"

namespace fabrix::routeserver {

class AttributePool {
 public:
  bgp::AttributesPtr intern(const bgp::AttributesPtr& attributes);
  bgp::AttributesPtr intern(bgp::PathAttributes attributes);

  std::size_t size() const { return pool_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const bgp::AttributesPtr& a) const noexcept {
      return std::hash<bgp::PathAttributes>{}(*a);
    }
  };
  struct Equal {
    bool operator()(const bgp::AttributesPtr& a, const bgp::AttributesPtr& b) const {
      return a == b || *a == *b;
    }
  };

  void sweep();

  std::unordered_set<bgp::AttributesPtr, Hash, Equal> pool_;
  std::size_t sweep_at_ = 1024;
};

}  // namespace fabrix::routeserver
