// ExportBuffer: what waits to be exported, and what is under way, in bounded memory.
//
// At most kMaxEntries and kMaxOctets, what is under way included; of more, the oldest that is not
// under way gives way and is counted. An entry longer than kLongest is not taken, and counted. One
// batch is under way at a time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "exchange/export_site.h"

namespace fabrix::exports {

// An entry as it is sent.
struct Item {
  std::uint64_t id = 0;  // ascending from 1; the same when it is sent again
  exchange::Exported kind = exchange::Exported::kFlows;
  std::string octets;
};

enum class Mixture : std::uint8_t { kAnyKinds, kOneKind };

class ExportBuffer {
 public:
  static constexpr std::size_t kMaxEntries = 200'000;
  static constexpr std::size_t kMaxOctets = std::size_t{64} << 20U;
  static constexpr std::size_t kLongest = std::size_t{64} << 10U;
  static constexpr std::size_t kLargestBatch = std::size_t{4} << 20U;  // octets

  struct Limits {
    std::size_t entries = kMaxEntries;
    std::size_t octets = kMaxOctets;
  };

  explicit ExportBuffer(const Limits& limits) : limits_(limits) {}
  ExportBuffer() : ExportBuffer(Limits()) {}

  void push(exchange::Exported kind, std::string octets);

  // The oldest, at most `count`, are under way from now on; those of one kind, if so, up to the
  // first of another one. Nothing is under way before.
  const std::vector<Item>& take(std::size_t count, Mixture mixture);

  // What is under way is done with.
  void done();
  // It is to be sent again.
  void give_back();

  std::size_t waiting() const { return items_.size() + under_way_.size(); }
  std::size_t octets() const { return octets_; }
  std::size_t under_way() const { return under_way_.size(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  void make_room();

  Limits limits_;
  std::deque<Item> items_;
  std::vector<Item> under_way_;
  std::size_t octets_ = 0;  // of both
  std::uint64_t next_id_ = 1;
  std::uint64_t dropped_ = 0;
};

}  // namespace fabrix::exports
