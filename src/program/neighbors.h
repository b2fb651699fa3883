// Neighbors: the virtual next hops that Fabrix answers ARP and ND requests for: of each sender a
// list of its own.
//
// A sender has thousands, and mostly one is new: a list that has some more is made of the one
// before by writing them behind its end, in the same memory, where whoever has the shorter list
// does not look. So the last few lie in the order in which they came.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "program/blocks.h"

namespace fabrix::program {

// Fabrix answers ARP/ND requests that `sender`'s routers send for `address` with `mac`: a virtual
// next hop.
struct VirtualNeighbor {
  net::ParticipantId sender;
  net::IpAddress address;
  net::MacAddress mac;

  friend auto operator<=>(const VirtualNeighbor&, const VirtualNeighbor&) = default;
};

// The neighbours of one sender. A value that does not change; equal lists have the same, in
// whatever order. Lists may be read from any thread; with() is called from one thread for all that
// come from one list.
class NeighborList {
 public:
  NeighborList() : NeighborList(std::vector<VirtualNeighbor>{}) {}
  explicit NeighborList(std::vector<VirtualNeighbor> all);

  // These too, whose addresses are not in it.
  NeighborList with(std::span<const VirtualNeighbor> news) const;
  // What it has beyond the other, if the other is its beginning and it is known at once. None: they
  // have to be compared.
  std::optional<std::span<const VirtualNeighbor>> since(const NeighborList& other) const;

  // Null: it has none of that address.
  const VirtualNeighbor* find(const net::IpAddress& address) const;
  // Whether it has several of that address.
  bool has_doubles(const net::IpAddress& address) const;

  const VirtualNeighbor* begin() const { return data_; }
  const VirtualNeighbor* end() const { return data_ + size_; }
  const VirtualNeighbor* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::vector<VirtualNeighbor> sorted() const;

  friend bool operator==(const NeighborList& a, const NeighborList& b);

 private:
  static constexpr std::size_t kParts = 256;

  struct Kept {
    std::vector<VirtualNeighbor> values;  // never longer than its capacity was at first
    // Those in order lie in parts, by the last octet of their addresses: where each begins.
    std::array<std::uint32_t, kParts + 1> parts{};
  };

  void note_parts();
  std::span<const VirtualNeighbor> part_of(const net::IpAddress& address) const;
  NeighborList brought_into_order(std::span<const VirtualNeighbor> news) const;
  std::span<const VirtualNeighbor> in_order() const { return {data_, in_order_}; }
  std::span<const VirtualNeighbor> others() const { return {data_ + in_order_, size_ - in_order_}; }

  std::shared_ptr<Kept> kept_;
  const VirtualNeighbor* data_ = nullptr;  // the first of them
  std::size_t size_ = 0;
  std::size_t in_order_ = 0;  // so many are sorted
};

// By sender, in the order of their ids.
using Neighbors = Blocks<VirtualNeighbor, NeighborList>;

// A block; null if there is nothing in it.
Neighbors::Block make_block(std::vector<VirtualNeighbor> neighbors);

// Calls visit(span) with what senders' lists have and the other's lists may not have.
template <typename Visit>
void for_each_unlike(const Neighbors& of, const Neighbors& than, const Visit& visit) {
  of.for_each_block_unlike(than, [&](const NeighborList& list) {
    const Neighbors::Block& other = than.block(list.begin()->sender.index());
    const auto news = other ? list.since(*other) : std::nullopt;
    const bool is_shorter = other && !news && other->since(list);
    if (!is_shorter) visit(news.value_or(std::span(list)));
  });
}

}  // namespace fabrix::program
