// ClientSet: a set of sessions, one bit a PeerId. Sets of one width are combined word by word; a
// narrower one has nobody beyond its width. Equal sets of one width are equal values.
//
// A regular value; not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "routeserver/peer.h"

namespace fabrix::routeserver {

class ClientSet {
 public:
  ClientSet() = default;
  // Empty, of sessions 0 .. count - 1.
  explicit ClientSet(std::size_t count) : words_((count + kBits - 1) / kBits) {}

  void insert(PeerId peer) {
    if (peer.index() / kBits >= words_.size()) words_.resize(peer.index() / kBits + 1);
    words_[peer.index() / kBits] |= bit(peer);
  }
  void erase(PeerId peer) {
    if (peer.index() / kBits < words_.size()) words_[peer.index() / kBits] &= ~bit(peer);
  }
  bool contains(PeerId peer) const {
    return peer.index() / kBits < words_.size() && (words_[peer.index() / kBits] & bit(peer)) != 0;
  }

  // Nobody; the width stays.
  void clear() { std::ranges::fill(words_, 0U); }

  bool empty() const {
    std::uint64_t any = 0;
    for (const std::uint64_t word : words_) any |= word;
    return any == 0;
  }
  std::size_t size() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
  }

  ClientSet& operator&=(const ClientSet& other) {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) words_[i] &= other.words_[i];
    for (std::size_t i = common; i < words_.size(); ++i) words_[i] = 0;
    return *this;
  }
  ClientSet& operator|=(const ClientSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  // Without the members of `other`.
  ClientSet& operator-=(const ClientSet& other) {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend ClientSet operator&(ClientSet a, const ClientSet& b) { return a &= b; }
  friend ClientSet operator|(ClientSet a, const ClientSet& b) { return a |= b; }
  friend ClientSet operator-(ClientSet a, const ClientSet& b) { return a -= b; }

  bool intersects(const ClientSet& other) const {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) {
      if ((words_[i] & other.words_[i]) != 0) return true;
    }
    return false;
  }

  // In ascending order.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        const auto index = i * kBits + static_cast<std::size_t>(std::countr_zero(rest));
        visit(PeerId{static_cast<std::uint16_t>(index)});
      }
    }
  }

  std::size_t hash() const noexcept {
    std::uint64_t h = 0x9e3779b97f4a7c15U;
    for (const std::uint64_t word : words_) {
      h = (h ^ word) * 0xff51afd7ed558ccdU;
      h ^= h >> 32U;
    }
    return h;
  }

  friend bool operator==(const ClientSet&, const ClientSet&) = default;

 private:
  static constexpr std::size_t kBits = 64;
  static std::uint64_t bit(PeerId peer) { return std::uint64_t{1} << (peer.index() % kBits); }

  std::vector<std::uint64_t> words_;
};

}  // namespace fabrix::routeserver

template <>
struct std::hash<fabrix::routeserver::ClientSet> {
  std::size_t operator()(const fabrix::routeserver::ClientSet& set) const noexcept {
    return set.hash();
  }
};
