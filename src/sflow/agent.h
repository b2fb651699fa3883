// Agent: makes the datagrams that an sFlow agent sends, of samples and counters of its interfaces.
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt) §5: flow samples with the sampled header and
//   extended_switch, counter samples with if_counters; a data source is an interface (fsSourceId
//   type 0), with sequence numbers of its own
//
// A datagram is done when it has no room for another sample, or at flush(): a sample is to be on
// its way within a second (§4.3.1). take() has those that are done. Time is the caller's.
//
// Bounded: by the datagrams that the caller leaves, and a pair of numbers for each interface. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "sflow/datagram_writer.h"

namespace fabrix::sflow {

// A frame of Ethernet that was sampled where it came in.
struct PacketSample {
  std::uint32_t input = 0;  // ifIndex
  Interface output;
  std::uint32_t rate = 0;
  std::uint32_t pool = 0;
  std::uint32_t drops = 0;
  std::uint32_t frame_length = 0;  // without the frame check sequence
  Bytes header;                    // at most kMaxHeader octets, likewise
};

// What of if_counters the agent knows; the rest is sent as unknown.
struct InterfaceCounters {
  std::uint32_t index = 0;  // ifIndex
  bool is_up = false;
  std::uint64_t in_octets = 0;
  std::uint32_t in_packets = 0;
  std::uint32_t in_discards = 0;
  std::uint64_t out_octets = 0;
  std::uint32_t out_packets = 0;
};

class Agent {
 public:
  static constexpr std::size_t kMaxHeader = 128;
  static constexpr std::size_t kLargest = 1400;  // octets of a datagram: it is not fragmented

  explicit Agent(net::IpAddress address) : address_(address) {}

  // The agent has run for `uptime_ms`. Indices are below 2^24.
  void add(const PacketSample& sample, std::uint32_t uptime_ms);
  void add(const InterfaceCounters& counters, std::uint32_t uptime_ms);

  // Whether something has been added since the last datagram was done.
  bool has_begun() const { return writer_.has_value(); }
  void flush();
  std::vector<std::vector<std::byte>> take();

 private:
  struct Sequences {
    std::uint32_t flow = 0;
    std::uint32_t counter = 0;
  };

  DatagramWriter& writer_for(std::size_t octets, std::uint32_t uptime_ms);

  net::IpAddress address_;
  std::uint32_t datagrams_ = 0;
  std::map<std::uint32_t, Sequences> sequences_;  // by ifIndex
  std::optional<DatagramWriter> writer_;
  std::vector<std::vector<std::byte>> done_;
};

}  // namespace fabrix::sflow
