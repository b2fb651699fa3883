#include "base/arena.h"

#include <algorithm>
#include <memory>

#include "base/assert.h"
#include "base/large_pages.h"

namespace fabrix {
namespace {

std::size_t rounded(std::size_t size) {
  return (std::max<std::size_t>(size, 1) + kCacheLine - 1) / kCacheLine * kCacheLine;
}

}  // namespace

Arena::~Arena() {
  for (const Piece& piece : pieces_) give_pages_back(piece.octets, piece.size);
}

void* Arena::do_allocate(std::size_t size, std::size_t alignment) {
  FABRIX_ASSERT(alignment <= kCacheLine);
  size = rounded(size);
  if (size > kLargestBlock) return take_pages(size);
  Free*& free = free_of(size);
  if (free != nullptr) return std::exchange(free, free->next);
  while (pieces_.empty() || pieces_.back().size - used_ < size) add_piece();
  return pieces_.back().octets + std::exchange(used_, used_ + size);
}

void Arena::do_deallocate(void* block, std::size_t size, std::size_t /*alignment*/) {
  size = rounded(size);
  if (size > kLargestBlock) return give_pages_back(block, size);
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
  pieces_.push_back({.octets = static_cast<std::byte*>(take_pages(size)), .size = size});
  held_ += size;
  used_ = 0;
}

}  // namespace fabrix
