#include "controller/linux_neighbors.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <vector>

#include "net/address_bits.h"

namespace fabrix::controller {
namespace {

using program::Neighbors;
using program::VirtualNeighbor;

constexpr std::uint64_t kIpv4 = std::uint64_t{1} << 32U;  // above the address's bits
constexpr std::size_t kMostAtOnce = 4096;

// Whatever the key's MAC. 0: none.
std::uint64_t mac_in(const std::vector<VirtualNeighbor>& all, const VirtualNeighbor& of) {
  const VirtualNeighbor key{.sender = of.sender, .address = of.address, .mac = {}};
  const auto found = std::ranges::lower_bound(all, key);
  const bool is_it =
      found != all.end() && found->sender == key.sender && found->address == key.address;
  return is_it ? found->mac.to_u64() : 0;
}

std::uint64_t mac_of(const Neighbors& all, const VirtualNeighbor& key) {
  const auto& list = all.block(key.sender.index());
  if (const auto* found = list ? list->find(key.address) : nullptr) return found->mac.to_u64();
  return all.own().empty() ? 0 : mac_in(all.own(), key);
}

fabrix_neighbor value_of(const LinuxNeighborsOfVersions& versions, const VirtualNeighbor& key) {
  fabrix_neighbor value{};
  for (std::size_t i = 0; i < FABRIX_VERSIONS; ++i) value.mac[i] = mac_of(versions.at(i), key);
  return value;
}

bool is_nothing(const fabrix_neighbor& value) {
  return std::ranges::all_of(value.mac, [](std::uint64_t mac) { return mac == 0; });
}

bool are_alike(const fabrix_neighbor& a, const fabrix_neighbor& b) {
  return std::ranges::equal(a.mac, b.mac);
}

}  // namespace

fabrix_neighbor_key linux_neighbor_key(net::ParticipantId sender, const net::IpAddress& address) {
  const auto bits = net::AddressBits::of(address);
  fabrix_neighbor_key key{};
  key.sender = std::uint64_t{sender.value} + 1;
  if (address.family() == net::Family::kIpv4) {
    key.low = bits.high >> 32U | kIpv4;
  } else {
    key.high = bits.high;
    key.low = bits.low;
  }
  return key;
}

std::optional<LinuxNeighborName> linux_neighbor_name(const fabrix_neighbor_key& key) {
  if (key.sender == 0 || key.sender > FABRIX_ID_MASK) return std::nullopt;
  const net::ParticipantId sender{static_cast<std::uint16_t>(key.sender - 1)};
  if (key.high == 0 && key.low >> 32U == 1) {
    const net::AddressBits bits{.high = key.low << 32U, .low = 0};
    return LinuxNeighborName{sender, bits.to_address(net::Family::kIpv4)};
  }
  const net::AddressBits bits{.high = key.high, .low = key.low};
  return LinuxNeighborName{sender, bits.to_address(net::Family::kIpv6)};
}

std::optional<fabrix_neighbor> linux_neighbor(const LinuxNeighborsOfVersions& versions,
                                              const fabrix_neighbor_key& key) {
  const auto name = linux_neighbor_name(key);
  if (!name) return std::nullopt;
  const auto value =
      value_of(versions, {.sender = name->sender, .address = name->address, .mac = {}});
  return is_nothing(value) ? std::nullopt : std::optional(value);
}

// Writes many at once.
class LinuxNeighbors::Writer {
 public:
  Writer(const io::BpfMap& map, std::set<Order>& left_out) : map_(map), left_out_(left_out) {}

  void write(const fabrix_neighbor_key& key, const fabrix_neighbor& value) {
    if (is_nothing(value)) {
      erased_.push_back(key);
      left_out_.erase(order_of(key));
    } else {
      keys_.push_back(key);
      values_.push_back(value);
    }
  }
  Result<void> flush_if_many() {
    return erased_.size() + keys_.size() < kMostAtOnce ? Result<void>() : flush();
  }
  // Those that go make room for others.
  Result<void> flush() {
    room_ += erased_.size();
    auto done = map_.erase_all(std::as_bytes(std::span(erased_)));
    if (!done) return done;
    FABRIX_TRY(const std::size_t put, map_.put_while_room(std::as_bytes(std::span(keys_)),
                                                          std::as_bytes(std::span(values_))));
    for (std::size_t i = put; i < keys_.size() && done; ++i) done = put_one(i);
    for (std::size_t i = 0; i < put && !left_out_.empty(); ++i) {
      left_out_.erase(order_of(keys_[i]));
    }
    keys_.clear();
    values_.clear();
    erased_.clear();
    return done;
  }
  // Entries that have gone.
  std::size_t room() const { return room_; }

 private:
  // Of a map that is full: those that are there may change.
  Result<void> put_one(std::size_t at) {
    FABRIX_TRY(const std::size_t put, map_.put_while_room(io::BpfMap::octets_of(keys_[at]),
                                                          io::BpfMap::octets_of(values_[at])));
    if (put == 0) left_out_.insert(order_of(keys_[at]));
    if (put != 0) left_out_.erase(order_of(keys_[at]));
    return {};
  }

  const io::BpfMap& map_;
  std::set<Order>& left_out_;
  std::vector<fabrix_neighbor_key> keys_;
  std::vector<fabrix_neighbor> values_;
  std::vector<fabrix_neighbor_key> erased_;
  std::size_t room_ = 0;
};

void LinuxNeighbors::forget() {
  versions_ = {};
  left_out_.clear();
  foreign_.fill(true);
}

bool LinuxNeighbors::is_left_out(const fabrix_neighbor_key& key) const {
  return left_out_.contains(order_of(key));
}

// The difference between what the version has and what it is to have.
Result<void> LinuxNeighbors::put_changes(Writer& writer, std::uint32_t version,
                                         const Neighbors& wanted) {
  LinuxNeighborsOfVersions after = versions_;
  after.at(version) = wanted;
  Result<void> done;
  const auto write = [&](const VirtualNeighbor& each, const fabrix_neighbor& value) {
    writer.write(linux_neighbor_key(each.sender, each.address), value);
    if (done) done = writer.flush_if_many();
  };
  // Those that go first, which makes room.
  const auto drop = [&](std::span<const VirtualNeighbor> all) {
    for (const VirtualNeighbor& each : all) {
      const fabrix_neighbor value = value_of(after, each);
      if (value.mac[version] == 0) write(each, value);
    }
  };
  const auto put = [&](std::span<const VirtualNeighbor> all) {
    for (const VirtualNeighbor& each : all) {
      const fabrix_neighbor value = value_of(after, each);
      if (!are_alike(value, value_of(versions_, each))) write(each, value);
    }
  };
  const Neighbors& before = versions_.at(version);
  for_each_unlike(before, wanted, drop);
  if (before.own() != wanted.own()) drop(before.own());
  for_each_unlike(wanted, before, put);
  if (before.own() != wanted.own()) put(wanted.own());
  if (done) done = writer.flush();
  if (done) {
    versions_ = std::move(after);
  } else {
    foreign_.at(version) = true;
  }
  return done;
}

// The map has what it has: what is right may stay. Of versions that are foreign nothing is wanted
// but what versions_ say.
Result<void> LinuxNeighbors::put_all(const io::BpfMap& map, Writer& writer) {
  std::set<Order> right;
  FABRIX_TRY(const auto there, map.contents());
  Result<void> done;
  for (std::size_t i = 0; i < there.count && done; ++i) {
    const auto key =
        io::BpfMap::read_as<fabrix_neighbor_key>(there.keys, i * sizeof(fabrix_neighbor_key));
    auto is = io::BpfMap::read_as<fabrix_neighbor>(there.values, i * sizeof(fabrix_neighbor));
    fabrix_neighbor value = linux_neighbor(versions_, key).value_or(fabrix_neighbor{});
    for (std::size_t version = 0; version < FABRIX_VERSIONS; ++version) {
      if (foreign_.at(version)) value.mac[version] = is.mac[version];
    }
    right.insert(order_of(key));
    if (are_alike(value, is) && !is_nothing(value)) continue;
    writer.write(key, value);
    done = writer.flush_if_many();
  }
  for (const Neighbors& all : versions_) {
    for (const VirtualNeighbor& each : all) {
      const auto key = linux_neighbor_key(each.sender, each.address);
      if (!done || !right.insert(order_of(key)).second) continue;
      writer.write(key, value_of(versions_, each));
      done = writer.flush_if_many();
    }
  }
  return done ? writer.flush() : done;
}

// Those for which there was no room.
Result<void> LinuxNeighbors::try_again(Writer& writer) {
  std::size_t room = writer.room();
  std::vector<Order> again;
  for (const Order& each : left_out_) {
    if (room-- == 0) break;
    again.push_back(each);
  }
  Result<void> done;
  for (const Order& each : again) {
    const fabrix_neighbor_key key{.sender = each[2], .high = each[0], .low = each[1]};
    if (const auto value = linux_neighbor(versions_, key)) writer.write(key, *value);
    if (done) done = writer.flush_if_many();
  }
  return done ? writer.flush() : done;
}

Result<void> LinuxNeighbors::put(const io::BpfMap& map, std::uint32_t version,
                                 const Neighbors& wanted) {
  Writer writer(map, left_out_);
  Result<void> done;
  if (std::ranges::find(foreign_, true) == foreign_.end()) {
    done = put_changes(writer, version, wanted);
  } else {
    versions_.at(version) = wanted;
    foreign_.at(version) = false;
    done = put_all(map, writer);
    if (!done) foreign_.at(version) = true;
  }
  if (done && !left_out_.empty() && writer.room() != 0) done = try_again(writer);
  return done;
}

}  // namespace fabrix::controller
