// Outbox: the UPDATEs that one session has still to be sent, as references to octets that it shares
// with the other sessions that are told the same.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "routeserver/prefix_table.h"

namespace fabrix::routeserver {

// Messages about no prefix: for a family, one of them is a chunk of its own.
enum class Remark : std::uint8_t { kRefreshBegins, kRefreshEnds, kEndOfRib };

// Whole messages, back to back, and the prefixes that they are about.
struct Chunk {
  std::vector<std::byte> bytes;
  std::vector<EntryId> entries;
  std::optional<std::pair<Remark, net::Family>> remark = std::nullopt;
};
using ChunkPtr = std::shared_ptr<const Chunk>;

class Outbox {
 public:
  void push(ChunkPtr chunk);

  bool empty() const { return chunks_.empty(); }
  std::size_t size() const { return size_; }  // octets

  // What comes next, in pieces of whole messages: at most kPieces. Good until consume() or clear().
  static constexpr std::size_t kPieces = 64;
  std::vector<std::span<const std::byte>> front() const;

  // The first `count` octets are on their way. They end with a message.
  void consume(std::size_t count);

  // Forgets everything; `forgotten` gets the chunks of which something was left.
  template <typename Visit>
  void clear(Visit&& forgotten) {
    for (const ChunkPtr& chunk : chunks_) forgotten(*chunk);
    chunks_.clear();
    size_ = 0;
    sent_ = 0;
  }

 private:
  std::deque<ChunkPtr> chunks_;
  std::size_t size_ = 0;
  std::size_t sent_ = 0;  // of the first chunk
};

}  // namespace fabrix::routeserver
