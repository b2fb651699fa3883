#include "telemetry/route_table.h"

#include <algorithm>
#include <type_traits>

#include "base/assert.h"

namespace fabrix::telemetry {
namespace {

// Of IPv4 what is left of 32 bits, of IPv6 no more than fits.
unsigned position_bits(net::Family family) {
  return family == net::Family::kIpv4 ? 16 : 64;
}

}  // namespace

RouteTable::RouteTable()
    : parts4_(std::size_t{1} << kPartBits), parts6_(std::size_t{1} << kPartBits) {}

RouteTable::RouteId RouteTable::take_id(const net::Prefix& prefix) {
  if (free_.empty()) {
    entries_.push_back({prefix, nullptr});
    told_.emplace_back();
    return static_cast<RouteId>(entries_.size() - 1);
  }
  const RouteId id = free_.back();
  free_.pop_back();
  entries_[id].prefix = prefix;
  told_[id].averages = {};
  return id;
}

bool RouteTable::insert(const net::Prefix& prefix, RouteInfoPtr route) {
  return put(prefix, std::move(route), nullptr);
}

bool RouteTable::insert(const net::Prefix& prefix, RouteSetPtr set) {
  FABRIX_ASSERT(set != nullptr);
  RouteInfoPtr best = set->best;
  return put(prefix, std::move(best), std::move(set));
}

bool RouteTable::put(const net::Prefix& prefix, RouteInfoPtr route, RouteSetPtr set) {
  FABRIX_ASSERT(route != nullptr);
  if (const RouteId* const there = routes_.find(prefix)) {
    keep_route(*there, std::move(route));
    keep_set(*there, std::move(set));
    tell(*there);
    return true;
  }
  if (routes_.size() == kMaxRoutes) return false;
  const RouteId id = take_id(prefix);
  keep_route(id, std::move(route));
  keep_set(id, std::move(set));
  tell(id);
  routes_.insert(prefix, id);
  ++sizes_[index_of(prefix.family())];
  touch(prefix);
  return true;
}

void RouteTable::keep_route(RouteId id, RouteInfoPtr route) {
  RouteInfoPtr& kept = entries_[id].route;
  const RouteTexts* const texts = route != nullptr ? texts_.take(*route) : nullptr;
  told_[id].texts = texts;
  told_[id].has_long_texts = texts != nullptr && texts->is_long();
  if (kept != nullptr) texts_.give_back(*kept);
  kept = std::move(route);
}

void RouteTable::keep_set(RouteId id, RouteSetPtr set) {
  if (id >= sets_.size()) {
    if (set == nullptr) return;
    sets_.resize(id + 1);
  }
  if (sets_[id] != nullptr) count_announcers(*sets_[id], -1);
  if (set != nullptr) count_announcers(*set, 1);
  sets_[id] = std::move(set);
}

void RouteTable::tell(RouteId id) {
  const Entry& entry = entries_[id];
  Told& told = told_[id];
  told.route = entry.route.get();
  told.set = id < sets_.size() ? sets_[id].get() : nullptr;
  told.length = static_cast<std::uint8_t>(entry.prefix.length());
}

void RouteTable::count_announcers(const RouteSet& set, std::ptrdiff_t change) {
  for (const MemberId member : set.announcers) {
    if (member.index() >= announced_.size()) announced_.resize(member.index() + 1);
    announced_[member.index()] += static_cast<std::size_t>(change);
  }
}

bool RouteTable::erase(const net::Prefix& prefix) {
  const RouteId* const there = routes_.find(prefix);
  if (there == nullptr) return false;
  const RouteId id = *there;
  routes_.erase(prefix);
  keep_route(id, nullptr);
  keep_set(id, nullptr);
  tell(id);
  free_.push_back(id);
  --sizes_[index_of(prefix.family())];
  touch(prefix);
  return true;
}

// The parts that the prefix is in, or that are in it, are to be made again.
void RouteTable::touch(const net::Prefix& prefix) {
  const std::size_t first = part_of(net::AddressBits::of(prefix.address()));
  const std::size_t count =
      prefix.length() >= kPartBits ? 1 : std::size_t{1} << (kPartBits - prefix.length());
  for (std::size_t part = first; part < first + count; ++part) {
    if (prefix.family() == net::Family::kIpv4) {
      parts4_[part].clear(*memory_);
    } else {
      parts6_[part].clear();
    }
  }
}

// Blocks come before the blocks inside them: those that are open form a stack.
template <typename Part>
void RouteTable::make(Part& part, std::size_t at, net::Family family) const {
  using Position = typename Part::Position;
  struct Open {
    std::uint64_t last;  // position
    RouteId id;
  };
  const net::AddressBits start{.high = std::uint64_t{at} << (64 - kPartBits), .low = 0};
  const net::Prefix block = net::Prefix::containing(start.to_address(family), kPartBits).value();
  const unsigned width = position_bits(family);
  const std::uint64_t end = ~std::uint64_t{0} >> (64 - width);
  const auto covering = routes_.longest_match(block);
  std::vector<Open> open{{end, covering ? *covering->value : kNoRoute}};
  std::vector<Position> begins{0};
  std::vector<RouteId> ids{open.back().id};
  const auto begin = [&](std::uint64_t position, RouteId id) {
    if (begins.back() == position) {
      ids.back() = id;
    } else if (ids.back() != id) {
      begins.push_back(static_cast<Position>(position));
      ids.push_back(id);
    }
  };
  const auto close_before = [&](std::uint64_t position) {
    while (open.back().last < position) {
      const std::uint64_t next = open.back().last + 1;
      open.pop_back();
      begin(next, open.back().id);
    }
  };
  routes_.for_each_within(block, [&](const net::Prefix& prefix, RouteId id) {
    if (prefix.length() <= kPartBits) return;
    const unsigned length = prefix.length() - kPartBits;
    const net::AddressBits bits = net::AddressBits::of(prefix.address());
    const bool is_ipv4 = family == net::Family::kIpv4;
    const std::uint64_t first = is_ipv4 ? position4_of(bits) : position6_of(bits);
    const std::uint64_t size_less_one = length >= width ? 0 : end >> length;
    close_before(first);
    open.push_back({first | size_less_one, length > width ? kLonger : id});
    begin(first, open.back().id);
  });
  close_before(end);
  if constexpr (std::is_same_v<Part, RouteBlocks>) {
    part.set(begins, ids, *memory_);
  } else {
    part.set(begins, ids);
  }
}

void RouteTable::look_up(Search& search) const {
  const std::size_t at = part_of(search.address);
  if (search.family == net::Family::kIpv4) {
    auto& part = parts4_[at];
    if (part.empty()) make(part, at, search.family);
    search.id = part.find(position4_of(search.address));
  } else {
    auto& part = parts6_[at];
    if (part.empty()) make(part, at, search.family);
    search.id = part.find(position6_of(search.address));
  }
  __builtin_prefetch(search.id);
}

RouteTable::RouteId RouteTable::longest_match(const Search& search) const {
  const auto found = routes_.longest_match(search.address.to_address(search.family));
  return found ? *found->value : kNoRoute;
}

std::optional<RouteTable::RouteId> RouteTable::match_id(const net::IpAddress& address) const {
  Search search = begin(address.family(), net::AddressBits::of(address));
  find(search);
  const RouteId id = finish(search);
  return id != kNoRoute ? std::optional(id) : std::nullopt;
}

std::optional<RouteMatch> RouteTable::match(const net::IpAddress& address) const {
  const auto id = match_id(address);
  if (!id) return std::nullopt;
  RouteMatch match;
  put_match(*id, match);
  return match;
}

std::optional<RouteTable::RouteId> RouteTable::find(const net::Prefix& prefix) const {
  const RouteId* const there = routes_.find(prefix);
  return there != nullptr ? std::optional(*there) : std::nullopt;
}

std::optional<RouteTable::RouteId> RouteTable::covering(const net::Prefix& prefix) const {
  if (prefix.length() == 0) return std::nullopt;
  const auto around = net::Prefix::containing(prefix.address(), prefix.length() - 1).value();
  const auto found = routes_.longest_match(around);
  return found ? std::optional(*found->value) : std::nullopt;
}

}  // namespace fabrix::telemetry
