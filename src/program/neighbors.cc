#include "program/neighbors.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <tuple>
#include <utility>

#include "net/address_bits.h"

namespace fabrix::program {
namespace {

// So many of a list may stand at its end as they came: so few that looking through them is quick,
// and so many that lists are seldom brought into order.
std::size_t most_out_of_order(std::size_t size) {
  constexpr std::size_t kLeast = 64;
  return std::max(kLeast, size / 8);
}

// An address's place among others, in words that are compared at once: a sender is asked about
// thousands.
using Rank = std::tuple<std::uint8_t, net::Family, std::uint64_t, std::uint64_t>;

Rank rank_of(const net::IpAddress& address) {
  const auto bits = net::AddressBits::of(address);
  return {address.octets().back(), address.family(), bits.high, bits.low};
}

Rank rank_of_neighbor(const VirtualNeighbor& neighbor) {
  return rank_of(neighbor.address);
}

bool precedes(const VirtualNeighbor& a, const VirtualNeighbor& b) {
  const Rank rank = rank_of_neighbor(a);
  const Rank other = rank_of_neighbor(b);
  return rank != other ? rank < other : a.mac < b.mac;
}

}  // namespace

NeighborList::NeighborList(std::vector<VirtualNeighbor> all) : kept_(std::make_shared<Kept>()) {
  std::ranges::sort(all, precedes);
  kept_->values = std::move(all);
  note_parts();
}

// Of all that are kept, which are in order.
void NeighborList::note_parts() {
  data_ = kept_->values.data();
  size_ = in_order_ = kept_->values.size();
  for (const VirtualNeighbor& each : *this) ++kept_->parts.at(each.address.octets().back() + 1U);
  std::partial_sum(kept_->parts.begin(), kept_->parts.end(), kept_->parts.begin());
}

std::span<const VirtualNeighbor> NeighborList::part_of(const net::IpAddress& address) const {
  const std::size_t part = address.octets().back();
  return in_order().subspan(kept_->parts[part], kept_->parts[part + 1] - kept_->parts[part]);
}

NeighborList NeighborList::with(std::span<const VirtualNeighbor> news) const {
  auto& values = kept_->values;
  const bool is_last = values.size() == size_;
  const bool has_room = values.capacity() - values.size() >= news.size();
  if (!is_last || !has_room || others().size() + news.size() > most_out_of_order(size_)) {
    return brought_into_order(news);
  }
  NeighborList more = *this;
  values.insert(values.end(), news.begin(), news.end());
  more.size_ += news.size();
  return more;
}

// All of them, and room for more.
NeighborList NeighborList::brought_into_order(std::span<const VirtualNeighbor> news) const {
  std::vector<std::pair<Rank, const VirtualNeighbor*>> later;
  later.reserve(others().size() + news.size());
  for (const VirtualNeighbor& each : others()) later.emplace_back(rank_of_neighbor(each), &each);
  for (const VirtualNeighbor& each : news) later.emplace_back(rank_of_neighbor(each), &each);
  std::ranges::sort(later);
  NeighborList made;
  auto& all = made.kept_->values;
  const std::size_t size = size_ + news.size();
  all.reserve(size + most_out_of_order(size));
  auto rest = in_order();
  for (const auto& [rank, each] : later) {
    const auto at = std::ranges::lower_bound(rest, rank, {}, rank_of_neighbor);
    const auto before = rest.first(static_cast<std::size_t>(at - rest.begin()));
    all.insert(all.end(), before.begin(), before.end());
    all.push_back(*each);
    rest = rest.subspan(before.size());
  }
  all.insert(all.end(), rest.begin(), rest.end());
  made.note_parts();
  return made;
}

std::optional<std::span<const VirtualNeighbor>> NeighborList::since(
    const NeighborList& other) const {
  if (kept_ != other.kept_ || size_ < other.size_) return std::nullopt;
  return std::span(data_ + other.size_, size_ - other.size_);
}

const VirtualNeighbor* NeighborList::find(const net::IpAddress& address) const {
  const auto part = part_of(address);
  const auto found = std::ranges::lower_bound(part, rank_of(address), {}, rank_of_neighbor);
  if (found != part.end() && found->address == address) return &*found;
  const auto other = std::ranges::find(others(), address, &VirtualNeighbor::address);
  return other != others().end() ? &*other : nullptr;
}

bool NeighborList::has_doubles(const net::IpAddress& address) const {
  const auto part = part_of(address);
  const auto known = std::ranges::upper_bound(part, rank_of(address), {}, rank_of_neighbor) -
                     std::ranges::lower_bound(part, rank_of(address), {}, rank_of_neighbor);
  return known + std::ranges::count(others(), address, &VirtualNeighbor::address) > 1;
}

std::vector<VirtualNeighbor> NeighborList::sorted() const {
  std::vector<VirtualNeighbor> later(others().begin(), others().end());
  std::ranges::sort(later, precedes);
  std::vector<VirtualNeighbor> all;
  all.reserve(size_);
  std::ranges::merge(in_order(), later, std::back_inserter(all), precedes);
  return all;
}

bool operator==(const NeighborList& a, const NeighborList& b) {
  if (a.size_ != b.size_) return false;
  return a.kept_ == b.kept_ || std::ranges::equal(a, b) || a.sorted() == b.sorted();
}

Neighbors::Block make_block(std::vector<VirtualNeighbor> neighbors) {
  if (neighbors.empty()) return nullptr;
  return std::make_shared<const NeighborList>(std::move(neighbors));
}

}  // namespace fabrix::program
