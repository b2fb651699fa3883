// The flows that benchmarks count: datagrams of seven samples of 32 agents with 48 ports each,
// 100,000 flows (Zipf), and the definitions.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "sflow/datagram_writer.h"

namespace fabrix::bench {

inline constexpr std::uint32_t kSamples = 7;
inline constexpr std::size_t kDatagrams = 20'480;
inline constexpr std::size_t kBatch = 64;  // datagrams, as they are received
inline constexpr std::uint32_t kAgents = 32;
inline constexpr std::uint32_t kPorts = 48;
inline constexpr std::uint32_t kFlows = 100'000;

// A number below kFlows, small ones more often: Zipf with exponent 1, nearly.
inline std::uint32_t zipf(std::mt19937& random) {
  const double uniform = static_cast<double>(random()) / 4294967296.0;
  return static_cast<std::uint32_t>(std::pow(double{kFlows}, uniform)) - 1;
}

inline void put_u32(std::vector<std::byte>& octets, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    octets[at + i] = static_cast<std::byte>(value >> (24 - 8 * i) & 0xffU);
  }
}

using Addresses = std::vector<std::uint32_t>;  // of IPv4

inline std::uint32_t destination_of(std::uint32_t flow, const Addresses& destinations) {
  return destinations.empty() ? 0x0a640000 + flow * 7 % 65536
                              : destinations[flow % destinations.size()];
}

inline std::vector<std::byte> sampled_octets(std::uint32_t flow, const Addresses& destinations) {
  std::vector<std::byte> octets(128);
  octets[12] = std::byte{8};
  put_u32(octets, 14, 0x450005dc);
  put_u32(octets, 22, 0x40060000);
  put_u32(octets, 26, 0x0a000000 + flow);
  put_u32(octets, 30, destination_of(flow, destinations));
  put_u32(octets, 34, flow * 31 << 16U | 443);
  return octets;
}

inline std::vector<std::vector<std::byte>> datagrams(const Addresses& destinations = {}) {
  std::mt19937 random(20261121);  // NOLINT(cert-msc51-cpp): the same every time
  std::vector<std::vector<std::byte>> made;
  for (std::uint32_t sequence = 0; sequence < kDatagrams; ++sequence) {
    const auto agent = static_cast<std::uint8_t>(random() % kAgents);
    sflow::DatagramWriter out(
        {.agent = net::IpAddress::v4({192, 0, 2, agent}), .sequence = sequence});
    for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
      const auto octets = sampled_octets(zipf(random), destinations);
      out.begin({.sequence = sample,
                 .source = {0, 1 + static_cast<std::uint32_t>(1 + random() % kPorts)},
                 .sampling_rate = 1000},
                sflow::SampleForm::kCompact);
      out.record(sflow::SampledHeader{
          .protocol = 1, .frame_length = 1518, .stripped = 4, .header = octets});
    }
    made.push_back(out.take());
  }
  return made;
}

inline constexpr std::array kDefinitions{"ipsource,ipdestination", "macsource,macdestination",
                                         "ipdestination,tcpdestinationport", "ipprotocol,stack",
                                         "ipsource,ipdestination,ipprotocol,tcpsourceport"};

}  // namespace fabrix::bench
