// The host agent's configuration file, in the form of Host sFlow's hsflowd.conf.
//
//   sflow {
//     polling = 30
//     sampling.10G = 10000
//     collector { ip=192.0.2.1 udpport=6343 }
//     pcap { dev=eth0 }
//   }
//
//   sflow.net/host-sflow-linux-config.php; docs/agent.md is the reference of ours
//
// Names are in any letter case; '=' and ';' are as good as space; '#' begins a comment. Parts of
// hsflowd that the agent does not have are passed over with a warning, so that a file that hsflowd
// reads is read here; what neither knows is an error. Of a setting that is there twice the last
// holds; collectors, interfaces and agent.cidr add up.
//
// Pure; accepts any text; fuzzed in fuzz/host/config_fuzz.cc.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::host {

struct Collector {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t port = 6343;
  std::string name{};               // by which it is looked up, in place of an address
  std::string device{};             // by this interface alone, or its VRF; empty: by any
  std::string network_namespace{};  // of this name; empty: the agent's own

  friend bool operator==(const Collector&, const Collector&) = default;
};

enum class Direction : std::uint8_t { kIn, kOut, kBoth };
// "in", "out", "both", in any letter case.
std::optional<Direction> direction_of(std::string_view text);

// Bits a second, both ends included.
struct SpeedRange {
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;

  friend bool operator==(const SpeedRange&, const SpeedRange&) = default;
};

// Interfaces whose packets are sampled: one by name, or all of these speeds.
struct Sampled {
  std::string device;  // empty: by speed
  SpeedRange speed;
  std::optional<std::uint32_t> rate;
  std::optional<Direction> direction;
  bool promiscuous = false;

  friend bool operator==(const Sampled&, const Sampled&) = default;
};

using Uuid = std::array<std::byte, 16>;

// 32 hexadecimal digits, hyphens apart.
std::optional<Uuid> uuid_of(std::string_view text);

struct Config {
  static constexpr std::uint32_t kMaxRate = 1U << 24U;

  std::uint32_t polling_seconds = 30;  // 0: no counters
  std::optional<std::uint32_t> sampling;
  std::map<std::uint64_t, std::uint32_t> sampling_by_speed;  // bit/s
  std::optional<std::uint32_t> bps_ratio;  // bit/s of an interface for each of its rate; 0: not so
  std::uint32_t header_bytes = 128;
  std::uint32_t datagram_bytes = 1400;
  std::uint32_t sub_agent = 0;
  Direction direction = Direction::kBoth;
  std::optional<net::IpAddress> agent_address;
  std::string agent_device;
  std::vector<net::Prefix> agent_prefixes;
  std::optional<Uuid> uuid;
  std::string host_name;  // empty: the kernel's
  std::vector<Collector> collectors;
  std::vector<Sampled> sampled;
  bool tcp = false;         // what the kernel knows of the connection of a sampled TCP packet
  bool services = false;    // of systemd, as virtual nodes
  bool containers = false;  // likewise
  std::string cgroup = "/sys/fs/cgroup";
};

struct ConfigReading {
  Config config;
  std::vector<Diagnostic> diagnostics;  // with an error among them, config is not to be used
};

// `file` is what diagnostics call it.
ConfigReading read_config(std::string_view text, const std::string& file);

// One of so many packets is sampled on the average; 0: none. `speed` in bit/s; 0: not known.
std::uint32_t sampling_rate(const Config& config, const Sampled& sampled, std::uint64_t speed);

}  // namespace fabrix::host
