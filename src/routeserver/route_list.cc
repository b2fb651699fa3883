#include "routeserver/route_list.h"

#include <algorithm>

namespace fabrix::routeserver {

void RouteList::assign(std::span<const RouteRef> routes) {
  if (routes.size() > 1) {
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): as many as there are
    auto block = size_ == routes.size() ? owned() : std::make_unique<RouteRef[]>(routes.size());
    std::ranges::copy(routes, block.get());
    if (size_ != routes.size()) clear();
    payload_ = std::bit_cast<std::array<std::uint32_t, 2>>(block.release());
  } else {
    const RouteRef only = routes.empty() ? RouteRef{} : routes.front();
    clear();
    payload_ = std::bit_cast<std::array<std::uint32_t, 2>>(only);
  }
  size_ = static_cast<std::uint32_t>(routes.size());
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks): payload_ has the block.
}

}  // namespace fabrix::routeserver
