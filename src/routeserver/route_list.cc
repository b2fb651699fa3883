#include "routeserver/route_list.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace fabrix::routeserver {
namespace {

using Payload = std::array<std::uint32_t, 2>;
static_assert(sizeof(Payload) == sizeof(RouteRef*));

RouteRef* allocated(const Payload& payload) {
  return std::bit_cast<RouteRef*>(payload);
}

}  // namespace

const RouteRef* RouteList::data() const {
  // tidy: RouteRef is trivial, as large as the payload and aligned like it
  if (size_ == 1) return reinterpret_cast<const RouteRef*>(payload_.data());  // NOLINT
  return size_ == 0 ? nullptr : allocated(payload_);
}

void RouteList::assign(std::span<const RouteRef> routes) {
  if (routes.size() > 1) {
    auto* const block = size_ == routes.size() ? allocated(payload_) : new RouteRef[routes.size()];
    std::ranges::copy(routes, block);
    if (size_ != routes.size()) clear();
    payload_ = std::bit_cast<Payload>(block);
  } else {
    const RouteRef only = routes.empty() ? RouteRef{} : routes.front();
    clear();
    payload_ = std::bit_cast<Payload>(only);
  }
  size_ = static_cast<std::uint32_t>(routes.size());
}

void RouteList::clear() {
  if (size_ > 1) delete[] allocated(payload_);
  size_ = 0;
}

void RouteList::swap(RouteList& other) noexcept {
  std::swap(payload_, other.payload_);
  std::swap(size_, other.size_);
}

}  // namespace fabrix::routeserver
