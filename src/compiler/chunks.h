// Chunks<T>: values by number that stay where they are while more come, so that nothing is moved,
// and no update waits for that, when there are many.
//
// References are good until clear(). Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/ahead.h"

namespace fabrix::compiler {

template <typename T>
class Chunks {
 public:
  T& operator[](std::size_t index) { return (*chunks_[index / kOfAChunk])[index % kOfAChunk]; }
  const T& operator[](std::size_t index) const {
    return (*chunks_[index / kOfAChunk])[index % kOfAChunk];
  }
  std::size_t size() const { return size_; }

  // A hint: one more comes soon (base/ahead.h).
  void expect_more() const {
    if (size_ < chunks_.size() * kOfAChunk) read_ahead((*this)[size_]);
  }

  T& add(T value = {}) {
    if (size_ == chunks_.size() * kOfAChunk) chunks_.push_back(std::make_unique<Chunk>());
    T& place = (*this)[size_++];
    place = std::move(value);
    return place;
  }

 private:
  static constexpr std::size_t kOfAChunk = 64;
  using Chunk = std::array<T, kOfAChunk>;

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace fabrix::compiler
