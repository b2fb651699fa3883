#include "policy/address_set.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

constexpr std::uint64_t kMaxV4 = 0xffffffff;
constexpr Uint128 kMaxV6 = ~Uint128{0};

std::uint64_t high_half(Uint128 value) {
  return static_cast<std::uint64_t>(value >> 64U);
}

std::uint64_t low_half(Uint128 value) {
  return static_cast<std::uint64_t>(value);
}

struct Halves {
  net::Field high;
  net::Field low;
};

// Addresses whose halves are in these.
struct Box {
  Interval high;
  std::vector<Interval> low;
};

// Those with the high half of the box before are one box with it.
void add_box(Interval high, Interval low, std::vector<Box>& boxes) {
  if (boxes.empty() || boxes.back().high != high) boxes.push_back({high, {}});
  boxes.back().low.push_back(low);
}

// A range of addresses is up to three boxes of halves: the rest of the first high half, the whole
// ones between, the start of the last one.
void add_range(const Range128& range, std::vector<Box>& boxes) {
  const Interval first{high_half(range.low), low_half(range.low)};
  const Interval last{high_half(range.high), low_half(range.high)};
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  std::uint64_t from = first.low;
  std::uint64_t to = last.low;
  if (from == to) return add_box({from, to}, {first.high, last.high}, boxes);
  if (first.high != 0) {
    add_box({from, from}, {first.high, kAll}, boxes);
    ++from;
  }
  if (last.high != kAll) {
    add_box({to, to}, {0, last.high}, boxes);
    if (to == 0 || to - 1 < from) return;
    --to;
  }
  if (from <= to) add_box({from, to}, {0, kAll}, boxes);
}

PredicatePtr of_type(std::uint16_t eth_type) {
  return test_field(net::Field::kEthType, {{eth_type, eth_type}});
}

PredicatePtr v6_in(const std::vector<Range128>& ranges, Side side) {
  using enum net::Field;
  const Halves fields =
      side == Side::kSource ? Halves{kSrcIp6High, kSrcIp6Low} : Halves{kDstIp6High, kDstIp6Low};
  std::vector<Box> boxes;
  for (const Range128& range : ranges) add_range(range, boxes);
  std::vector<PredicatePtr> parts;
  parts.reserve(boxes.size());
  for (Box& box : boxes) {
    PredicatePtr high = test_field(fields.high, {box.high});
    PredicatePtr low = test_field(fields.low, std::move(box.low));
    if (is_always(*high) || is_always(*low)) {
      parts.push_back(conjunction(high, low));
    } else {
      // There is nothing to simplify of two fields, and there may be very many hosts.
      parts.push_back(std::make_shared<const Predicate>(
          Predicate{And{.operands = {std::move(high), std::move(low)}}}));
    }
  }
  return conjunction(of_type(net::kEthTypeIpv6), disjunction(std::move(parts)));
}

}  // namespace

Uint128 to_number(const net::IpAddress& address) {
  Uint128 value = 0;
  for (const std::uint8_t octet : address.octets()) value = (value << 8U) | octet;
  return value;
}

AddressSet single(const net::IpAddress& address) {
  return range(address, address);
}

AddressSet block(const net::Prefix& prefix) {
  const Uint128 low = to_number(prefix.address());
  const unsigned free_bits = net::width_of(prefix.family()) - prefix.length();
  const Uint128 rest = free_bits == 128 ? kMaxV6 : (Uint128{1} << free_bits) - 1;
  if (prefix.family() == net::Family::kIpv6) return {.v4 = {}, .v6 = {{low, low | rest}}};
  return {.v4 = {{low_half(low), low_half(low | rest)}}, .v6 = {}};
}

AddressSet range(const net::IpAddress& first, const net::IpAddress& last) {
  const Uint128 low = to_number(first);
  const Uint128 high = to_number(last);
  if (first.family() == net::Family::kIpv6) return {.v4 = {}, .v6 = {{low, high}}};
  return {.v4 = {{low_half(low), low_half(high)}}, .v6 = {}};
}

AddressSet unite(const AddressSet& a, const AddressSet& b) {
  return {.v4 = unite(a.v4, b.v4), .v6 = unite(a.v6, b.v6)};
}

AddressSet intersect(const AddressSet& a, const AddressSet& b) {
  return {.v4 = intersect(a.v4, b.v4), .v6 = intersect(a.v6, b.v6)};
}

AddressSet subtract(const AddressSet& a, const AddressSet& b) {
  return {.v4 = intersect(a.v4, complement(b.v4, kMaxV4)),
          .v6 = intersect(a.v6, complement(b.v6, kMaxV6))};
}

AddressSet complement(const AddressSet& set) {
  AddressSet result;
  if (!set.v4.empty()) result.v4 = complement(set.v4, kMaxV4);
  if (!set.v6.empty()) result.v6 = complement(set.v6, kMaxV6);
  return result;
}

PredicatePtr address_in(const AddressSet& set, Side side) {
  const net::Field v4 = side == Side::kSource ? net::Field::kSrcIp4 : net::Field::kDstIp4;
  return disjunction(
      {conjunction(of_type(net::kEthTypeIpv4), test_field(v4, set.v4)), v6_in(set.v6, side)});
}

}  // namespace fabrix::policy
