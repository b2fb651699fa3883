// RouteList: the routes of one prefix, as small as they can be: eight octets a route, and the only
// route of a prefix in the list itself.
//
// The order is the owner's: preferred first, rejected last. Not thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/strong_id.h"
#include "routeserver/peer.h"
#include "routeserver/reject_reason.h"

namespace fabrix::routeserver {

// A path in the PathStore.
using PathId = StrongId<struct PathTag, std::uint32_t>;

// A route: the path that a peer announced for the prefix of the list, and whether it may be used.
struct RouteRef {
  static constexpr std::uint8_t kAccepted = 0xff;

  PathId path;
  PeerId peer;
  std::uint8_t verdict = kAccepted;  // else a RejectReason
  // Of the first route of a list: the order of what is left may change when routes are left out
  // (decision.h).
  bool set_dependent : 1 = false;
  // Its session is gone, and it is kept for a while (RFC 4724 §4.2).
  bool stale : 1 = false;

  bool accepted() const { return verdict == kAccepted; }
  std::optional<RejectReason> rejected() const {
    if (accepted()) return std::nullopt;
    return static_cast<RejectReason>(verdict);
  }

  friend bool operator==(const RouteRef&, const RouteRef&) = default;
};
static_assert(sizeof(RouteRef) == 8);

class RouteList {
 public:
  RouteList() = default;
  RouteList(RouteList&& other) noexcept { swap(other); }
  RouteList& operator=(RouteList&& other) noexcept {
    swap(other);
    return *this;
  }
  RouteList(const RouteList&) = delete;
  RouteList& operator=(const RouteList&) = delete;
  ~RouteList() { clear(); }

  // Good until the list changes.
  std::span<const RouteRef> view() const { return {data(), size_}; }
  std::span<RouteRef> edit() { return {const_cast<RouteRef*>(data()), size_}; }  // NOLINT: ours
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void assign(std::span<const RouteRef> routes);
  void clear() {
    if (size_ > 1) owned();
    size_ = 0;
  }
  void swap(RouteList& other) noexcept {
    std::swap(payload_, other.payload_);
    std::swap(size_, other.size_);
  }

 private:
  static RouteRef* allocated(const std::array<std::uint32_t, 2>& payload) {
    static_assert(sizeof(payload) == sizeof(std::uintptr_t));
    return std::bit_cast<RouteRef*>(payload);
  }

  // Takes the routes out of the payload, which must have some.
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): as many as the list has
  std::unique_ptr<RouteRef[]> owned() { return std::unique_ptr<RouteRef[]>(allocated(payload_)); }

  const RouteRef* data() const {
    // tidy: RouteRef is trivial, as large as the payload and aligned like it
    if (size_ == 1) return reinterpret_cast<const RouteRef*>(payload_.data());  // NOLINT
    return size_ == 0 ? nullptr : allocated(payload_);
  }

  // Either the only route, or the address of the routes. Not a union, which would align the list
  // to eight octets and cost the table an eighth of its size.
  std::array<std::uint32_t, 2> payload_{};
  std::uint32_t size_ = 0;
};
static_assert(sizeof(RouteList) == 12);

}  // namespace fabrix::routeserver
