// PrefixMap<T>: a map from prefixes to values with longest match, for both families.
//
// A path-compressed binary trie per family, nodes in one vector with a free list. Iteration is in
// Prefix order (a block before the blocks inside it). insert, erase, find: O(prefix length).
// Not thread-safe; pointers to values are good until the next insert or erase.
//
// Invariant: a node without a value has two children, so there are fewer than two nodes a value.
// Every node lies strictly inside its parent, on the side that its first bit after it says.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "net/address_bits.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::net {

template <typename T>
class PrefixMap {
 public:
  struct Match {
    Prefix prefix;
    const T* value;  // never null
  };

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { *this = PrefixMap(); }

  // Puts `value` at `prefix`, in place of what was there. Whether nothing was.
  bool insert(const Prefix& prefix, T value);

  // The value at `prefix`, first put there as T{} if there is none.
  T& operator[](const Prefix& prefix);

  // Whether there was a value at `prefix`.
  bool erase(const Prefix& prefix);

  // The value at exactly `prefix`, or null.
  const T* find(const Prefix& prefix) const;
  T* find(const Prefix& prefix) { return const_cast<T*>(std::as_const(*this).find(prefix)); }

  // The longest prefix in the map that contains `address`, or all of `block` (perhaps `block`
  // itself).
  std::optional<Match> longest_match(const IpAddress& address) const;
  std::optional<Match> longest_match(const Prefix& block) const;

  // Calls visit(const Prefix&, const T&) for each entry, in Prefix order. `visit` must not change
  // the map.
  template <typename Visit>
  void for_each(Visit&& visit) const;

  // The same for the entries inside `block`, itself included.
  template <typename Visit>
  void for_each_within(const Prefix& block, Visit&& visit) const;

  // The same for the entries that contain `block`, itself included: the shortest first.
  template <typename Visit>
  void for_each_covering(const Prefix& block, Visit&& visit) const;

 private:
  using Link = std::uint32_t;
  static constexpr Link kNone = 0xffffffff;

  struct Node {
    AddressBits bits;  // zero after the first `length`
    std::array<Link, 2> children{kNone, kNone};
    std::uint8_t length = 0;
    std::optional<T> value;

    // Whether this node's block contains the block of `other_length` bits of `other`.
    bool contains(const AddressBits& other, unsigned other_length) const {
      return length <= other_length && bits.common_length(other) >= length;
    }
    Prefix prefix(Family family) const {
      return Prefix::containing(bits.to_address(family), length).value();
    }
  };

  static std::size_t root_index(Family family) { return family == Family::kIpv4 ? 0 : 1; }
  Link root(Family family) const { return roots_[root_index(family)]; }

  void reserve_free_nodes();
  Link take_node(const AddressBits& bits, unsigned length);
  void free_node(Link link);
  Node& node_for(const Prefix& prefix);
  Node& put_above(Link* link, const AddressBits& bits, unsigned length);
  void unlink_if_needless(Link* link);
  template <typename Visit>
  void walk(Link top, Family family, Visit&& visit) const;

  std::vector<Node> nodes_;
  std::vector<Link> free_;
  std::array<Link, 2> roots_{kNone, kNone};
  std::size_t size_ = 0;
};

template <typename T>
bool PrefixMap<T>::insert(const Prefix& prefix, T value) {
  std::optional<T>& slot = node_for(prefix).value;
  const bool is_new = !slot.has_value();
  slot = std::move(value);
  if (is_new) ++size_;
  return is_new;
}

template <typename T>
T& PrefixMap<T>::operator[](const Prefix& prefix) {
  std::optional<T>& slot = node_for(prefix).value;
  if (!slot) {
    slot.emplace();
    ++size_;
  }
  return *slot;
}

template <typename T>
bool PrefixMap<T>::erase(const Prefix& prefix) {
  const AddressBits bits = AddressBits::of(prefix.address());
  Link* parent = nullptr;
  Link* link = &roots_[root_index(prefix.family())];
  while (*link != kNone && nodes_[*link].length < prefix.length()) {
    Node& node = nodes_[*link];
    parent = link;
    link = &node.children[bits.bit(node.length) ? 1 : 0];
  }
  if (*link == kNone) return false;
  Node& node = nodes_[*link];
  const bool found = node.length == prefix.length() && node.bits == bits && node.value.has_value();
  if (!found) return false;
  node.value.reset();
  --size_;
  unlink_if_needless(link);
  // A parent without a value needed both its children.
  if (parent != nullptr) unlink_if_needless(parent);
  return true;
}

template <typename T>
const T* PrefixMap<T>::find(const Prefix& prefix) const {
  const AddressBits bits = AddressBits::of(prefix.address());
  Link link = root(prefix.family());
  while (link != kNone && nodes_[link].length < prefix.length()) {
    link = nodes_[link].children[bits.bit(nodes_[link].length) ? 1 : 0];
  }
  if (link == kNone) return nullptr;
  const Node& node = nodes_[link];
  const bool found = node.length == prefix.length() && node.bits == bits && node.value.has_value();
  return found ? &*node.value : nullptr;
}

template <typename T>
auto PrefixMap<T>::longest_match(const IpAddress& address) const -> std::optional<Match> {
  return longest_match(Prefix::containing(address, width_of(address.family())).value());
}

template <typename T>
auto PrefixMap<T>::longest_match(const Prefix& block) const -> std::optional<Match> {
  const AddressBits bits = AddressBits::of(block.address());
  const Node* best = nullptr;
  Link link = root(block.family());
  while (link != kNone && nodes_[link].contains(bits, block.length())) {
    const Node& node = nodes_[link];
    if (node.value) best = &node;
    if (node.length == block.length()) break;
    link = node.children[bits.bit(node.length) ? 1 : 0];
  }
  if (best == nullptr) return std::nullopt;
  return Match{best->prefix(block.family()), &*best->value};
}

template <typename T>
template <typename Visit>
void PrefixMap<T>::for_each(Visit&& visit) const {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) walk(root(family), family, visit);
}

template <typename T>
template <typename Visit>
void PrefixMap<T>::for_each_within(const Prefix& block, Visit&& visit) const {
  const AddressBits bits = AddressBits::of(block.address());
  Link link = root(block.family());
  while (link != kNone && nodes_[link].length < block.length()) {
    link = nodes_[link].children[bits.bit(nodes_[link].length) ? 1 : 0];
  }
  const bool inside = link != kNone && nodes_[link].bits.common_length(bits) >= block.length();
  if (inside) walk(link, block.family(), visit);
}

template <typename T>
template <typename Visit>
void PrefixMap<T>::for_each_covering(const Prefix& block, Visit&& visit) const {
  const AddressBits bits = AddressBits::of(block.address());
  Link link = root(block.family());
  while (link != kNone && nodes_[link].contains(bits, block.length())) {
    const Node& node = nodes_[link];
    if (node.value) visit(node.prefix(block.family()), *node.value);
    if (node.length == block.length()) return;
    link = node.children[bits.bit(node.length) ? 1 : 0];
  }
}

// One insertion takes at most two nodes; with them at hand, links into nodes_ stay good.
template <typename T>
void PrefixMap<T>::reserve_free_nodes() {
  while (free_.size() < 2) {
    free_.push_back(static_cast<Link>(nodes_.size()));
    nodes_.emplace_back();
  }
}

template <typename T>
auto PrefixMap<T>::take_node(const AddressBits& bits, unsigned length) -> Link {
  const Link link = free_.back();
  free_.pop_back();
  nodes_[link].bits = bits;
  nodes_[link].length = static_cast<std::uint8_t>(length);
  return link;
}

template <typename T>
void PrefixMap<T>::free_node(Link link) {
  nodes_[link] = Node();
  free_.push_back(link);
}

// The node at exactly `prefix`, made if need be.
template <typename T>
auto PrefixMap<T>::node_for(const Prefix& prefix) -> Node& {
  reserve_free_nodes();
  const AddressBits bits = AddressBits::of(prefix.address());
  Link* link = &roots_[root_index(prefix.family())];
  while (*link != kNone && nodes_[*link].contains(bits, prefix.length())) {
    Node& node = nodes_[*link];
    if (node.length == prefix.length()) return node;
    link = &node.children[bits.bit(node.length) ? 1 : 0];
  }
  if (*link != kNone) return put_above(link, bits, prefix.length());
  *link = take_node(bits, prefix.length());
  return nodes_[*link];
}

// Makes a node where the node at `link` was, which does not contain it: as its parent, or as its
// sibling below a node for what the two have in common.
template <typename T>
auto PrefixMap<T>::put_above(Link* link, const AddressBits& bits, unsigned length) -> Node& {
  const Link below = *link;
  const unsigned common = std::min(nodes_[below].bits.common_length(bits), length);
  const Link made = take_node(bits, length);
  const bool side = nodes_[below].bits.bit(common);
  if (common == length) {
    nodes_[made].children[side ? 1 : 0] = below;
    *link = made;
  } else {
    const AddressBits shared = bits.masked(common);
    const Link fork = take_node(shared, common);
    nodes_[fork].children[side ? 1 : 0] = below;
    nodes_[fork].children[side ? 0 : 1] = made;
    *link = fork;
  }
  return nodes_[made];
}

// Puts the only child, or nothing, in the place of a node without a value.
template <typename T>
void PrefixMap<T>::unlink_if_needless(Link* link) {  // NOLINT(readability-non-const-parameter)
  const Node& node = nodes_[*link];
  const auto [first, second] = node.children;
  const bool needed = node.value.has_value() || (first != kNone && second != kNone);
  if (needed) return;
  const Link gone = std::exchange(*link, first != kNone ? first : second);
  free_node(gone);
}

// Visits what is at and below `top`. The stack holds at most one sibling a level.
template <typename T>
template <typename Visit>
void PrefixMap<T>::walk(Link top, Family family, Visit&& visit) const {
  std::vector<Link> pending{top};
  while (!pending.empty()) {
    const Link link = pending.back();
    pending.pop_back();
    if (link == kNone) continue;
    const Node& node = nodes_[link];
    if (node.value) visit(node.prefix(family), *node.value);
    pending.push_back(node.children[1]);
    pending.push_back(node.children[0]);
  }
}

}  // namespace fabrix::net
