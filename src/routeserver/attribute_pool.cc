#include "routeserver/attribute_pool.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace fabrix::routeserver {

bgp::AttributesPtr AttributePool::intern(const bgp::AttributesPtr& attributes) {
  if (pool_.size() >= sweep_at_) sweep();
  return *pool_.insert(attributes).first;
}

bgp::AttributesPtr AttributePool::intern(bgp::PathAttributes attributes) {
  return intern(std::make_shared<const bgp::PathAttributes>(std::move(attributes)));
}

void AttributePool::sweep() {
  std::erase_if(pool_, [](const bgp::AttributesPtr& entry) { return entry.use_count() == 1; });
  sweep_at_ = std::max<std::size_t>(1024, 2 * pool_.size());
}

}  // namespace fabrix::routeserver
