// BitSet<Id>: a set of small ids (base/strong_id.h), one bit an id. Sets of one width are combined
// word by word; a narrower one has nothing beyond its width. Equal sets of one width are equal
// values.
//
// A regular value; not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace fabrix {

template <typename Id>
class BitSet {
 public:
  BitSet() = default;
  // Empty, of ids 0 .. count - 1.
  explicit BitSet(std::size_t count) : words_((count + kBits - 1) / kBits) {}

  void insert(Id id) {
    if (id.index() / kBits >= words_.size()) words_.resize(id.index() / kBits + 1);
    words_[id.index() / kBits] |= bit(id);
  }
  void erase(Id id) {
    if (id.index() / kBits < words_.size()) words_[id.index() / kBits] &= ~bit(id);
  }
  bool contains(Id id) const {
    return id.index() / kBits < words_.size() && (words_[id.index() / kBits] & bit(id)) != 0;
  }

  // Nothing; the width stays.
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

  BitSet& operator&=(const BitSet& other) {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) words_[i] &= other.words_[i];
    for (std::size_t i = common; i < words_.size(); ++i) words_[i] = 0;
    return *this;
  }
  BitSet& operator|=(const BitSet& other) {
    if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
    for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  // Without the members of `other`.
  BitSet& operator-=(const BitSet& other) {
    const std::size_t common = std::min(words_.size(), other.words_.size());
    for (std::size_t i = 0; i < common; ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend BitSet operator&(BitSet a, const BitSet& b) { return a &= b; }
  friend BitSet operator|(BitSet a, const BitSet& b) { return a |= b; }
  friend BitSet operator-(BitSet a, const BitSet& b) { return a -= b; }

  bool intersects(const BitSet& other) const {
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
        visit(Id{static_cast<decltype(Id::value)>(index)});
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

  friend bool operator==(const BitSet&, const BitSet&) = default;

 private:
  static constexpr std::size_t kBits = 64;
  static std::uint64_t bit(Id id) { return std::uint64_t{1} << (id.index() % kBits); }

  std::vector<std::uint64_t> words_;
};

}  // namespace fabrix

template <typename Id>
struct std::hash<fabrix::BitSet<Id>> {
  std::size_t operator()(const fabrix::BitSet<Id>& set) const noexcept { return set.hash(); }
};
