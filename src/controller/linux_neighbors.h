// LinuxNeighbors: virtual next hops in the kernel's map `neighbors`, from where ARP and ND requests
// are answered in place.
//
// A next hop is one entry for both versions of a Program, with a MAC for each. What a version had
// and what it is to have are compared block by block, so that a change costs what it changes.
//
// Beyond FABRIX_MAX_NEIGHBORS the map is full: requests for the rest go to the controller, which
// answers them as it does on switches, and are tried again as soon as others go.
//
// Control thread only. Fails with what the kernel said.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "base/result.h"
#include "fabric/linux_layout.h"
#include "io/bpf_map.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "program/program.h"

namespace fabrix::controller {

using LinuxNeighborsOfVersions = std::array<program::Neighbors, FABRIX_VERSIONS>;

fabrix_neighbor_key linux_neighbor_key(net::ParticipantId sender, const net::IpAddress& address);

// None: a key that no address has.
struct LinuxNeighborName {
  net::ParticipantId sender;
  net::IpAddress address;
};
std::optional<LinuxNeighborName> linux_neighbor_name(const fabrix_neighbor_key& key);

// What the entry is to be; none: not there.
std::optional<fabrix_neighbor> linux_neighbor(const LinuxNeighborsOfVersions& versions,
                                              const fabrix_neighbor_key& key);

class LinuxNeighbors {
 public:
  // The map may have others, of a process before this one or of somebody else.
  void forget();

  // The version has these from now on.
  Result<void> put(const io::BpfMap& map, std::uint32_t version, const program::Neighbors& wanted);

  const LinuxNeighborsOfVersions& versions() const { return versions_; }
  // For which there is no room: the controller answers.
  std::size_t left_out() const { return left_out_.size(); }
  bool is_left_out(const fabrix_neighbor_key& key) const;

 private:
  // high, low, sender
  using Order = std::array<std::uint64_t, 3>;
  class Writer;

  Result<void> put_changes(Writer& writer, std::uint32_t version, const program::Neighbors& wanted);
  Result<void> put_all(const io::BpfMap& map, Writer& writer);
  Result<void> try_again(Writer& writer);
  static Order order_of(const fabrix_neighbor_key& key) { return {key.high, key.low, key.sender}; }

  LinuxNeighborsOfVersions versions_;
  std::array<bool, FABRIX_VERSIONS> foreign_{};
  std::set<Order> left_out_;
};

}  // namespace fabrix::controller
