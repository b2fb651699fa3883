// Memory in large pages, for what is read in no order: the processor seldom has to look up where a
// page is, which takes as long as reading the memory does, and longer in a virtual machine.
//
// From kLargePage on, if the system allows it (/sys/kernel/mm/transparent_hugepage/enabled); else,
// and if there is less, in small pages.
#pragma once

#include <cstddef>

#include "base/cache_line.h"

namespace fabrix {

inline constexpr std::size_t kLargePage = std::size_t{2} * 1024 * 1024;

// At a line of memory at least.
void* take_pages(std::size_t size);
void give_pages_back(void* octets, std::size_t size);

// Of a container of one piece.
template <typename T>
struct LargePages {
  using value_type = T;

  static_assert(alignof(T) <= kCacheLine);

  LargePages() = default;
  template <typename Other>
  LargePages(const LargePages<Other>& /*other*/) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) { return static_cast<T*>(take_pages(count * sizeof(T))); }
  void deallocate(T* octets, std::size_t count) { give_pages_back(octets, count * sizeof(T)); }

  friend bool operator==(const LargePages&, const LargePages&) = default;
};

}  // namespace fabrix
