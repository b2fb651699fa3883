#include "compiler/prefix_groups.h"

#include <cstring>
#include <random>
#include <utility>

namespace fabrix::compiler {
namespace {

// Chosen anew by each process: members must not be able to choose prefixes that collide.
std::uint64_t choose_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

std::uint64_t seed() {
  static const std::uint64_t chosen = choose_seed();
  return chosen;
}

std::uint64_t mix(std::uint64_t value) {
  value *= 0xff51afd7ed558ccdU;
  value ^= value >> 32U;
  value *= 0xc4ceb9fe1a85ec53U;
  return value ^ value >> 29U;
}

std::uint64_t pack(const net::Prefix& prefix) {
  std::uint32_t address = 0;
  std::memcpy(&address, prefix.address().octets().data(), sizeof(address));
  return std::uint64_t{address} << 8U | prefix.length();
}

template <typename Map, typename Key>
std::optional<GroupId> find_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

template <typename Map, typename Key>
std::optional<GroupId> assign_in(Map& map, const Key& key, std::optional<GroupId> group) {
  if (!group) {
    const auto found = map.find(key);
    if (found == map.end()) return std::nullopt;
    const GroupId before = found->second;
    map.erase(found);
    return before;
  }
  const auto [at, is_new] = map.try_emplace(key, *group);
  if (is_new) return std::nullopt;
  return std::exchange(at->second, *group);
}

}  // namespace

std::size_t PrefixGroups::Hash4::operator()(std::uint64_t key) const noexcept {
  return mix(key ^ seed());
}

std::size_t PrefixGroups::Hash6::operator()(const net::Prefix& prefix) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, prefix.address().octets().data(), sizeof(high));
  std::memcpy(&low, prefix.address().octets().data() + sizeof(high), sizeof(low));
  return mix(mix(high ^ seed() ^ std::uint64_t{prefix.length()} << 56U) ^ low);
}

std::optional<GroupId> PrefixGroups::find(const net::Prefix& prefix) const {
  if (prefix.family() == net::Family::kIpv4) return find_in(ipv4_, pack(prefix));
  return find_in(ipv6_, prefix);
}

std::optional<GroupId> PrefixGroups::assign(const net::Prefix& prefix,
                                            std::optional<GroupId> group) {
  if (prefix.family() == net::Family::kIpv4) return assign_in(ipv4_, pack(prefix), group);
  return assign_in(ipv6_, prefix, group);
}

void PrefixGroups::clear() {
  ipv4_ = {};
  ipv6_ = {};
}

}  // namespace fabrix::compiler
