#include "routeserver/outbox.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::routeserver {

void Outbox::push(ChunkPtr chunk) {
  if (chunk->bytes.empty()) return;
  size_ += chunk->bytes.size();
  chunks_.push_back(std::move(chunk));
}

std::vector<std::span<const std::byte>> Outbox::front() const {
  std::vector<std::span<const std::byte>> pieces;
  const std::size_t count = std::min(chunks_.size(), kPieces);
  pieces.reserve(count);
  for (std::size_t i = 0; i < count; ++i) pieces.emplace_back(chunks_[i]->bytes);
  if (!pieces.empty()) pieces.front() = pieces.front().subspan(sent_);
  return pieces;
}

void Outbox::consume(std::size_t count) {
  FABRIX_ASSERT(count <= size_);
  size_ -= count;
  sent_ += count;
  while (!chunks_.empty() && sent_ >= chunks_.front()->bytes.size()) {
    sent_ -= chunks_.front()->bytes.size();
    chunks_.pop_front();
  }
}

}  // namespace fabrix::routeserver
