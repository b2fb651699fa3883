// Blocks: a sequence in immutable pieces that sequences share, so that a Program in which one
// participant's rows changed costs no more than these rows. The directory of blocks, a tree, is
// shared too, but for the leaves in which a block changed and what is above them: thousands of
// counts of holders are not touched.
//
// The sequence is that of its blocks in order, then the values of its own, which a hand-made or
// edited sequence has. Equal sequences are equal values however they are cut; where blocks are
// shared that is seen without looking inside. A regular value; blocks may be read from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace fabrix::program {

// `In`: what a block holds its values in, a contiguous range that is compared whole.
template <typename T, typename In = std::vector<T>>
class Blocks {
 public:
  using Piece = In;
  using Own = std::vector<T>;
  using Block = std::shared_ptr<const Piece>;  // null: nothing
  using Directory = std::vector<Block>;

  // NOLINTBEGIN(readability-identifier-naming): as the library names them.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;
    // NOLINTEND(readability-identifier-naming)

    const_iterator() = default;
    const_iterator(const Blocks* of, std::size_t piece) : of_(of), piece_(piece) { settle(); }

    reference operator*() const { return of_->piece(piece_)[at_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      ++at_;
      settle();
      return *this;
    }
    const_iterator operator++(int) {
      const_iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator&, const const_iterator&) = default;

   private:
    // On to a value, or to the end.
    void settle() {
      while (piece_ < of_->piece_count() && at_ == of_->piece(piece_).size()) {
        ++piece_;
        at_ = 0;
      }
    }

    const Blocks* of_ = nullptr;
    std::size_t piece_ = 0;
    std::size_t at_ = 0;
  };
  using value_type = T;
  using iterator = const_iterator;

  Blocks() = default;
  Blocks(Own values) : own_(std::move(values)) {}            // NOLINT: they are the same
  Blocks(std::initializer_list<T> values) : own_(values) {}  // NOLINT: as above
  explicit Blocks(const Directory& blocks) {
    Root root{.branches = {}, .count = blocks.size()};
    std::shared_ptr<Branch> branch;
    for (std::size_t first = 0; first < blocks.size(); first += kFan) {
      if (first % kOfABranch == 0) root.branches.push_back(branch = std::make_shared<Branch>());
      auto leaf = std::make_shared<Leaf>();
      const std::size_t count = std::min(kFan, blocks.size() - first);
      std::copy_n(blocks.begin() + static_cast<std::ptrdiff_t>(first), count, leaf->begin());
      (*branch)[first / kFan % kFan] = std::move(leaf);
    }
    root_ = std::make_shared<const Root>(std::move(root));
  }

  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, piece_count()}; }
  // O(blocks).
  std::size_t size() const {
    std::size_t count = own_.size();
    for (std::size_t i = 0; i < block_count(); ++i) count += piece(i).size();
    return count;
  }
  bool empty() const { return begin() == end(); }

  // Block `index` of the shared ones; beyond them: nothing.
  const Block& block(std::size_t index) const {
    static const Block nothing;
    return index < block_count() ? (*root_->leaf_of(index))[index % kFan] : nothing;
  }
  std::size_t block_count() const { return root_ ? root_->count : 0; }
  // Replaces a block, which must be there. Other sequences do not see it.
  void set_block(std::size_t index, Block block) {
    set_blocks({Change{.index = index, .block = std::move(block)}});
  }
  // The same for many in one go, sorted by index, each once: cheaper than one by one.
  struct Change {
    std::size_t index = 0;
    Block block;
  };
  void set_blocks(std::vector<Change> changes) {
    if (changes.empty()) return;
    auto root = std::make_shared<Root>(*root_);
    std::shared_ptr<Branch> branch;  // the copies in use, of which the last change made the last
    std::shared_ptr<Leaf> leaf;
    std::size_t last = 0;
    for (Change& each : changes) {
      const std::size_t index = each.index;
      if (!branch || index / kOfABranch != last / kOfABranch) {
        auto& place = root->branches[index / kOfABranch];
        place = branch = std::make_shared<Branch>(*place);
        leaf.reset();
      }
      if (!leaf || index / kFan != last / kFan) {
        auto& place = (*branch)[index / kFan % kFan];
        place = leaf = std::make_shared<Leaf>(*place);
      }
      (*leaf)[index % kFan] = std::move(each.block);
      last = index;
    }
    root_ = std::move(root);
  }
  // Those that `other` does not have at the same place, if there is anything in them.
  template <typename Visit>
  void for_each_block_unlike(const Blocks& other, Visit&& visit) const {
    std::size_t i = 0;
    while (i < block_count()) {
      const std::size_t alike = shared_from(i, other);
      if (alike == 0 && block(i) && block(i) != other.block(i)) visit(*block(i));
      i += std::max(alike, std::size_t{1});
    }
  }
  // What is in no block.
  const Own& own() const { return own_; }

  // Everything as values of its own, to be changed. Other sequences do not see it.
  Own& edit() {
    if (root_) {
      Own all(begin(), end());
      own_ = std::move(all);
      root_.reset();
    }
    return own_;
  }

  friend bool operator==(const Blocks& a, const Blocks& b) {
    if (a.root_ == b.root_) return a.own_ == b.own_;
    if (a.block_count() == b.block_count() && a.has_blocks_of(b)) return a.own_ == b.own_;
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  static constexpr std::size_t kFan = 16;
  static constexpr std::size_t kOfABranch = kFan * kFan;
  using Leaf = std::array<Block, kFan>;
  using Branch = std::array<std::shared_ptr<const Leaf>, kFan>;  // null: beyond the last
  struct Root {
    std::vector<std::shared_ptr<const Branch>> branches;
    std::size_t count = 0;  // of blocks

    const std::shared_ptr<const Leaf>& leaf_of(std::size_t index) const {
      return (*branches[index / kOfABranch])[index / kFan % kFan];
    }
  };

  // So many blocks from this one on are in a part of the directory that both share.
  std::size_t shared_from(std::size_t index, const Blocks& other) const {
    if (index % kFan != 0 || index >= other.block_count()) return 0;
    const std::size_t branch = index / kOfABranch;
    const bool same = root_->branches[branch] == other.root_->branches[branch];
    if (same && index % kOfABranch == 0) return kOfABranch;
    return same || root_->leaf_of(index) == other.root_->leaf_of(index) ? kFan : 0;
  }
  bool has_blocks_of(const Blocks& other) const {
    for (std::size_t i = 0; i < block_count(); ++i) {
      const Block& one = block(i);
      const Block& another = other.block(i);
      if (one != another && !(one && another && *one == *another)) return false;
    }
    return true;
  }
  std::size_t piece_count() const { return block_count() + 1; }
  std::span<const T> piece(std::size_t index) const {
    if (index >= block_count()) return own_;
    const Block& one = block(index);
    return one ? std::span<const T>(*one) : std::span<const T>();
  }

  std::shared_ptr<const Root> root_;  // null: no blocks
  Own own_;
};

}  // namespace fabrix::program
