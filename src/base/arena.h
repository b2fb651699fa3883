// Arena: memory for many blocks of few sizes that live long and are read in no order: in large
// pages (large_pages.h).
//
// It is taken in pieces, each as large as all before it together, up to a large page: what is not
// used is less than what is, whether there are few blocks or many. What is given back is for blocks
// of that size; only those above kLargestBlock, and all at the end, go back to the system. Not for
// two threads at once.
#pragma once

#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "base/large_pages.h"

namespace fabrix {

class Arena final : public std::pmr::memory_resource {
 public:
  static constexpr std::size_t kFirstPiece = std::size_t{16} * 1024;
  static constexpr std::size_t kLargestBlock = kLargePage / 16;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) = delete;
  Arena& operator=(Arena&&) = delete;
  ~Arena() override;

  // Octets of all pieces, without the blocks above kLargestBlock.
  std::size_t held() const { return held_; }

 private:
  struct Free {
    Free* next = nullptr;
  };
  struct Piece {
    std::byte* octets = nullptr;
    std::size_t size = 0;
  };

  void* do_allocate(std::size_t size, std::size_t alignment) override;
  void do_deallocate(void* block, std::size_t size, std::size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
  Free*& free_of(std::size_t size);
  void add_piece();

  std::vector<Piece> pieces_;
  std::size_t held_ = 0;
  std::size_t used_ = 0;                             // of the last piece
  std::vector<std::pair<std::size_t, Free*>> free_;  // by size
};

}  // namespace fabrix
