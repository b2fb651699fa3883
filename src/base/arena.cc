#include "base/arena.h"

#include <algorithm>
#include <memory>

#include <sys/mman.h>

#include "base/assert.h"

namespace fabrix {
namespace {

std::size_t rounded(std::size_t size) {
  return (std::max<std::size_t>(size, 1) + Arena::kAlignment - 1) / Arena::kAlignment *
         Arena::kAlignment;
}

std::size_t alignment_of(std::size_t size) {
  return size >= Arena::kLargePage ? Arena::kLargePage : Arena::kAlignment;
}

void* take(std::size_t size) {
  void* const octets = std::pmr::new_delete_resource()->allocate(size, alignment_of(size));
  // Where that is not to be had, small pages do.
  if (size >= Arena::kLargePage) static_cast<void>(madvise(octets, size, MADV_HUGEPAGE));
  return octets;
}

void give_back(void* octets, std::size_t size) {
  std::pmr::new_delete_resource()->deallocate(octets, size, alignment_of(size));
}

}  // namespace

Arena::~Arena() {
  for (const Piece& piece : pieces_) give_back(piece.octets, piece.size);
}

void* Arena::do_allocate(std::size_t size, std::size_t alignment) {
  FABRIX_ASSERT(alignment <= kAlignment);
  size = rounded(size);
  if (size > kLargestBlock) return take(size);
  Free*& free = free_of(size);
  if (free != nullptr) return std::exchange(free, free->next);
  while (pieces_.empty() || pieces_.back().size - used_ < size) add_piece();
  return pieces_.back().octets + std::exchange(used_, used_ + size);
}

void Arena::do_deallocate(void* block, std::size_t size, std::size_t /*alignment*/) {
  size = rounded(size);
  if (size > kLargestBlock) return give_back(block, size);
  Free*& free = free_of(size);
  free = std::construct_at(static_cast<Free*>(block), Free{.next = free});
}

Arena::Free*& Arena::free_of(std::size_t size) {
  auto found = std::ranges::find(free_, size, &std::pair<std::size_t, Free*>::first);
  if (found == free_.end()) found = free_.insert(found, {size, nullptr});
  return found->second;
}

void Arena::add_piece() {
  const std::size_t size = std::clamp(held_, kFirstPiece, kLargePage);
  pieces_.push_back({.octets = static_cast<std::byte*>(take(size)), .size = size});
  held_ += size;
  used_ = 0;
}

}  // namespace fabrix
