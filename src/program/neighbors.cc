#include "program/neighbors.h"

#include <algorithm>
#include <utility>

#include "net/address_bits.h"

namespace fabrix::program {
namespace {

// Room for so many more, so that lists seldom move.
std::size_t room_beside(std::size_t size) {
  constexpr std::size_t kLeast = 64;
  return std::max(kLeast, size / 4);
}

// The place, of so many, where an address is first sought.
std::size_t home_of(const net::IpAddress& address, std::size_t places) {
  const auto bits = net::AddressBits::of(address);
  const std::uint64_t hash = (bits.high ^ bits.low * 0xff51afd7ed558ccdU) * 0x9e3779b97f4a7c15U;
  return ((hash ^ hash << 32U) >> 32U) * places >> 32U;
}

}  // namespace

NeighborList::Kept::Kept(std::shared_ptr<const Line> of, std::size_t room)
    : line(std::move(of)), table(room + room / 2 + 1) {
  values.reserve(room);
}

// The last few are looked through: so many are put into the table at once, since each has a place
// of its own in memory there.
void NeighborList::Kept::add(std::span<const VirtualNeighbor> news) {
  constexpr std::size_t kFew = 64;
  values.insert(values.end(), news.begin(), news.end());
  if (values.size() - indexed <= kFew) return;
  for (; indexed < values.size(); ++indexed) {
    std::size_t at = home_of(values[indexed].address, table.size());
    while (table[at].load(std::memory_order_relaxed) != 0) at = at + 1 == table.size() ? 0 : at + 1;
    table[at].store(static_cast<std::uint32_t>(indexed + 1), std::memory_order_relaxed);
  }
}

NeighborList::NeighborList(std::shared_ptr<Kept> kept)
    : kept_(std::move(kept)),
      data_(kept_->values.data()),
      size_(kept_->values.size()),
      indexed_(kept_->indexed) {}

NeighborList::NeighborList(std::vector<VirtualNeighbor> all) {
  auto kept = std::make_shared<Kept>(std::make_shared<const Line>(), all.size());
  kept->add(all);
  *this = NeighborList(std::move(kept));
}

NeighborList NeighborList::with(std::span<const VirtualNeighbor> news) const {
  const bool is_last = !kept_->is_outgrown && kept_->values.size() == size_;
  const std::size_t size = size_ + news.size();
  if (is_last && size <= kept_->values.capacity()) {
    kept_->add(news);
    return NeighborList(kept_);
  }
  auto line = is_last ? kept_->line : std::make_shared<const Line>();
  auto kept = std::make_shared<Kept>(std::move(line), size + room_beside(size));
  kept->add(*this);
  kept->add(news);
  if (is_last) kept_->is_outgrown = true;
  return NeighborList(std::move(kept));
}

std::optional<std::span<const VirtualNeighbor>> NeighborList::since(
    const NeighborList& other) const {
  if (kept_->line != other.kept_->line || size_ < other.size_) return std::nullopt;
  return std::span(data_ + other.size_, size_ - other.size_);
}

template <typename Visit>
void NeighborList::seek(const net::IpAddress& address, const Visit& visit) const {
  const auto& table = kept_->table;
  for (std::size_t at = home_of(address, table.size());; at = at + 1 == table.size() ? 0 : at + 1) {
    const std::uint32_t place = table[at].load(std::memory_order_relaxed);
    if (place == 0) break;
    if (place <= indexed_ && data_[place - 1].address == address && visit(data_[place - 1])) return;
  }
  for (std::size_t i = indexed_; i < size_; ++i) {
    if (data_[i].address == address && visit(data_[i])) return;
  }
}

const VirtualNeighbor* NeighborList::find(const net::IpAddress& address) const {
  const VirtualNeighbor* found = nullptr;
  seek(address, [&found](const VirtualNeighbor& each) {
    found = &each;
    return true;
  });
  return found;
}

bool NeighborList::has_doubles(const net::IpAddress& address) const {
  std::size_t count = 0;
  seek(address, [&count](const VirtualNeighbor&) { return ++count > 1; });
  return count > 1;
}

std::vector<VirtualNeighbor> NeighborList::sorted() const {
  std::vector<VirtualNeighbor> all(begin(), end());
  std::ranges::sort(all);
  return all;
}

bool operator==(const NeighborList& a, const NeighborList& b) {
  if (a.size_ != b.size_) return false;
  return a.kept_->line == b.kept_->line || std::ranges::equal(a, b) || a.sorted() == b.sorted();
}

Neighbors::Block make_block(std::vector<VirtualNeighbor> neighbors) {
  if (neighbors.empty()) return nullptr;
  return std::make_shared<const NeighborList>(std::move(neighbors));
}

}  // namespace fabrix::program
