// Neighbors: the virtual next hops that Fabrix answers ARP and ND requests for: of each sender a
// list of its own.
//
// A sender has thousands, and mostly one is new: a list that has some more is made of the one
// before by writing them behind its end, in the same memory, where whoever has the shorter list
// does not look. Where there is no room left, all move together. So each list is the beginning of
// those that came from it, one from the other, and what is new is known at once.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ahead.h"
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

// The neighbours of one sender, in the order in which they came. A value that does not change;
// equal lists have the same, in whatever order. Lists may be read from any thread; with() is called
// from one thread for all that come from one list.
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

  // A hint: with() is called soon (base/ahead.h).
  void expect_more() const {
    read_ahead(*kept_);
    if (size_ > 0) read_ahead(data_[size_ - 1]);
  }

  const VirtualNeighbor* begin() const { return data_; }
  const VirtualNeighbor* end() const { return data_ + size_; }
  const VirtualNeighbor* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::vector<VirtualNeighbor> sorted() const;

  friend bool operator==(const NeighborList& a, const NeighborList& b);

 private:
  // Lists of which each is the beginning of the next.
  struct Line {};
  struct Kept {
    Kept(std::shared_ptr<const Line> of, std::size_t room);

    void add(std::span<const VirtualNeighbor> news);

    std::vector<VirtualNeighbor> values;  // never longer than its capacity was at first
    std::size_t indexed = 0;              // so many of them are in the table
    bool is_outgrown = false;             // the next of the line are elsewhere
    std::shared_ptr<const Line> line;
    // A hash table of the addresses: their places in `values`, from 1 on; 0: nothing. It is written
    // to while others read, who pass over places that were not in it when their lists were made.
    std::vector<std::atomic<std::uint32_t>> table;
  };

  explicit NeighborList(std::shared_ptr<Kept> kept);

  // Calls visit() with each of that address, until it returns true.
  template <typename Visit>
  void seek(const net::IpAddress& address, const Visit& visit) const;

  std::shared_ptr<Kept> kept_;
  const VirtualNeighbor* data_ = nullptr;  // the first of them
  std::size_t size_ = 0;
  std::size_t indexed_ = 0;  // so many are in the table
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
