// Agent: makes the datagrams that an sFlow agent sends, of samples and counters of its interfaces.
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt) §5: flow samples with the sampled header and
//   extended_switch, counter samples with if_counters; a data source is an interface (fsSourceId
//   type 0), or another with counter records of the caller's; each has sequence numbers of its own
//
// A datagram is done when it has no room for another sample, or at flush(): a sample is to be on
// its way within a second (§4.3.1). take() has those that are done. Time is the caller's.
//
// Bounded: by the datagrams that the caller leaves, and a pair of numbers for each data source. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "sflow/datagram_writer.h"
#include "sflow/flow_records.h"

namespace fabrix::sflow {

// A record, made.
struct Record {
  Tag tag;
  std::vector<std::byte> octets;
};

// A packet that an interface sampled.
struct PacketSample {
  std::uint32_t source = 0;  // ifIndex
  Interface input;
  Interface output;
  std::uint32_t rate = 0;
  std::uint32_t pool = 0;
  std::uint32_t drops = 0;
  std::uint32_t frame_length = 0;  // without the frame check sequence
  Bytes header;                    // at most kMostHeader octets, likewise
  HeaderProtocol protocol = HeaderProtocol::kEthernet;
  std::span<const Record> records{};  // besides
};

// What of if_counters the agent knows; the rest is sent as unknown.
struct InterfaceCounters {
  static constexpr std::uint32_t kUnknown = 0xffffffff;

  std::uint32_t index = 0;  // ifIndex
  bool is_up = false;
  std::uint64_t in_octets = 0;
  std::uint32_t in_packets = 0;  // of all kinds that have no count of their own
  std::uint32_t in_discards = 0;
  std::uint64_t out_octets = 0;
  std::uint32_t out_packets = 0;
  bool is_wanted_up = true;
  std::uint32_t type = 6;       // IANAifType: ethernetCsmacd
  std::uint64_t speed = 0;      // bit/s; 0: not known
  std::uint32_t direction = 1;  // 0 unknown, 1 full duplex, 2 half duplex
  std::uint32_t in_multicast = kUnknown;
  std::uint32_t in_errors = kUnknown;
  std::uint32_t out_discards = kUnknown;
  std::uint32_t out_errors = kUnknown;
  bool is_promiscuous = false;
};
Record interface_record(const InterfaceCounters& counters);

class Agent {
 public:
  static constexpr std::size_t kMaxHeader = 128;   // octets, as a rule
  static constexpr std::size_t kMostHeader = 256;  // that a sample may have
  static constexpr std::size_t kLargest = 1400;    // octets of a datagram: it is not fragmented

  // A datagram is larger than `largest` only if a single sample is.
  explicit Agent(net::IpAddress address, std::size_t largest = kLargest,
                 std::uint32_t sub_agent = 0)
      : address_(address), largest_(largest), sub_agent_(sub_agent) {}

  // The agent has run for `uptime_ms`. Indices are below 2^24.
  void add(const PacketSample& sample, std::uint32_t uptime_ms);
  void add(const InterfaceCounters& counters, std::uint32_t uptime_ms);
  // A counter sample of any data source.
  void add(const SourceId& source, std::span<const Record> records, std::uint32_t uptime_ms);

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
  std::size_t largest_;
  std::uint32_t sub_agent_;
  std::uint32_t datagrams_ = 0;
  std::map<SourceId, Sequences> sequences_;
  std::optional<DatagramWriter> writer_;
  std::vector<std::vector<std::byte>> done_;
};

}  // namespace fabrix::sflow
