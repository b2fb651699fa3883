#include "base/large_pages.h"

#include <memory_resource>

#include <sys/mman.h>

namespace fabrix {
namespace {

std::size_t alignment_of(std::size_t size) {
  return size >= kLargePage ? kLargePage : kCacheLine;
}

}  // namespace

void* take_pages(std::size_t size) {
  void* const octets = std::pmr::new_delete_resource()->allocate(size, alignment_of(size));
  // Where they are not to be had, small ones do.
  if (size >= kLargePage) static_cast<void>(madvise(octets, size, MADV_HUGEPAGE));
  return octets;
}

void give_pages_back(void* octets, std::size_t size) {
  std::pmr::new_delete_resource()->deallocate(octets, size, alignment_of(size));
}

}  // namespace fabrix
