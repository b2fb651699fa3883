// StrongId<Tag, Rep>: a number that names one thing and cannot be mistaken for another kind of
// number.
//
// Ids are dense indices handed out by whoever owns the collection; `index()` addresses a vector.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace fabrix {

template <typename Tag, typename Rep = std::uint16_t>
struct StrongId {
  Rep value = 0;

  constexpr std::size_t index() const { return value; }

  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

}  // namespace fabrix

template <typename Tag, typename Rep>
struct std::hash<fabrix::StrongId<Tag, Rep>> {
  std::size_t operator()(const fabrix::StrongId<Tag, Rep>& id) const noexcept { return id.value; }
};
