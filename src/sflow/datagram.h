// sFlow version 5 datagrams, and the samples and records in them.
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt, July 2004) §5: datagrams, flow and counter
//   samples, their compact and expanded forms
//   sFlow Discarded Packet Notification Structures (sflow.org/sflow_drops.txt): 0:5
//
//     datagram: version 5 | agent address | sub-agent | sequence | uptime | count | samples
//     sample:   enterprise<<12 | format | length | ... | count | records
//     record:   enterprise<<12 | format | length | ...
//
// Everything is a view of the caller's bytes, read when it is asked for; nothing is allocated.
// Cursors go from item to item by length, so that one nobody knows costs nothing but itself, and
// counts never drive a loop further than the bytes go. What an agent has cut short or got wrong is
// told as a Fault, once, after all that could be read: a sample whose length exceeds what is left
// is read as far as it goes (some agents count wrongly, and its records say their own lengths).
// Octets after the last item are padding.
//
// Pure; accepts arbitrary bytes; fuzzed in fuzz/sflow/datagram_fuzz.cc.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/ip_address.h"
#include "sflow/xdr.h"

namespace fabrix::sflow {

inline constexpr std::uint32_t kSflowVersion = 5;
inline constexpr std::uint16_t kDefaultPort = 6343;

// What an item is: a number of an enterprise, 0 being sFlow's own.
struct Tag {
  std::uint32_t value = 0;

  static constexpr Tag of(std::uint32_t enterprise, std::uint32_t format) {
    return {enterprise << 12U | format};
  }
  constexpr std::uint32_t enterprise() const { return value >> 12U; }
  constexpr std::uint32_t format() const { return value & 0xfffU; }

  friend constexpr auto operator<=>(const Tag&, const Tag&) = default;
};

// "0:1001".
std::string to_string(Tag tag);

inline constexpr Tag kFlowSample = Tag::of(0, 1);
inline constexpr Tag kCounterSample = Tag::of(0, 2);
inline constexpr Tag kExpandedFlowSample = Tag::of(0, 3);
inline constexpr Tag kExpandedCounterSample = Tag::of(0, 4);
inline constexpr Tag kDropSample = Tag::of(0, 5);

// What cannot be read, where in the datagram, and why.
struct Fault {
  enum class Part : std::uint8_t { kDatagram, kSample, kRecord };
  enum class Reason : std::uint8_t { kVersion, kAddressType, kTooShort, kNotItsStructure };

  Part part = Part::kDatagram;
  Reason reason = Reason::kTooShort;
  std::size_t offset = 0;   // of the part, in octets from the beginning of the datagram
  std::uint32_t found = 0;  // the version or address type, or the length that the part states
  std::size_t left = 0;     // octets that are there, from `offset`
  std::uint32_t tag = 0;    // of the sample or record
  friend bool operator==(const Fault&, const Fault&) = default;
};

// "record 0:1 at octet 88: 144 octets are announced, 60 are left".
std::string to_string(const Fault& fault);

// fsSourceId: what sampled or counts: 0 an interface (by ifIndex), 1 a VLAN (smonVlanDataSource),
// 2 a physical entity, 3 a logical one.
struct SourceId {
  std::uint32_t type = 0;
  std::uint32_t index = 0;

  friend constexpr auto operator<=>(const SourceId&, const SourceId&) = default;
};

// Where a packet came in or went out.
struct Interface {
  enum class Format : std::uint32_t {
    kIndex = 0,      // value: ifIndex; 0 not known; kInternal
    kDiscarded = 1,  // value: the reason
    kMultiple = 2,   // value: how many, 0 not known
  };
  static constexpr std::uint32_t kInternal = 0x3fffffff;  // the agent's own host

  std::uint32_t format = 0;  // a Format, or a number that means nothing
  std::uint32_t value = 0;

  bool is(Format what) const { return format == static_cast<std::uint32_t>(what); }
  bool is_port() const { return is(Format::kIndex) && value != 0 && value != kInternal; }

  friend constexpr auto operator<=>(const Interface&, const Interface&) = default;
};

// A sample or a record: what it is, and its octets.
struct Item {
  Tag tag;
  Bytes body;
  std::size_t offset = 0;  // of the body, in the datagram
};

// Goes from item to item.
class ItemCursor {
 public:
  // Of `count` items at `offset` of the datagram.
  ItemCursor(Bytes bytes, std::uint32_t count, std::size_t offset, Fault::Part part)
      : reader_(bytes), count_(count), end_(offset + bytes.size()), part_(part) {}

  // None at the end, or at a fault.
  std::optional<Item> next() {
    if (count_ == 0) return std::nullopt;
    if (reader_.remaining() < 8) return cut_short();
    --count_;
    const Tag tag{reader_.u32()};
    const std::uint32_t length = reader_.u32();
    const std::size_t offset = end_ - reader_.remaining();
    if (length > reader_.remaining()) return overlong(tag, length);
    return Item{tag, reader_.opaque(length), offset};
  }

  // What is still to come: octets, and how many items they are said to be.
  Bytes rest() const { return reader_.rest(); }
  std::uint32_t left() const { return count_; }

  // Why it ended early.
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  std::optional<Item> cut_short();
  std::optional<Item> overlong(Tag tag, std::uint32_t length);

  XdrReader reader_;
  std::uint32_t count_;
  std::size_t end_;
  Fault::Part part_;
  std::optional<Fault> fault_;
};

struct DatagramHeader {
  net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint32_t sub_agent = 0;
  std::uint32_t sequence = 0;
  std::uint32_t uptime_ms = 0;
  std::uint32_t sample_count = 0;

  friend bool operator==(const DatagramHeader&, const DatagramHeader&) = default;
};

class Datagram {
 public:
  static Result<Datagram, Fault> open(Bytes datagram);

  const DatagramHeader& header() const { return header_; }
  ItemCursor samples() const {
    return {samples_, header_.sample_count, offset_, Fault::Part::kSample};
  }

 private:
  Datagram(const DatagramHeader& header, Bytes samples, std::size_t offset)
      : header_(header), samples_(samples), offset_(offset) {}

  DatagramHeader header_;
  Bytes samples_;
  std::size_t offset_;
};

// 0:1 and 0:3.
struct FlowSample {
  std::uint32_t sequence = 0;
  SourceId source;
  std::uint32_t sampling_rate = 0;
  std::uint32_t sample_pool = 0;
  std::uint32_t drops = 0;
  Interface input;
  Interface output;
  std::uint32_t record_count = 0;
  Bytes record_bytes;
  std::size_t offset = 0;  // of the records, in the datagram

  ItemCursor records() const { return {record_bytes, record_count, offset, Fault::Part::kRecord}; }
};

// 0:2 and 0:4.
struct CounterSample {
  std::uint32_t sequence = 0;
  SourceId source;
  std::uint32_t record_count = 0;
  Bytes record_bytes;
  std::size_t offset = 0;

  ItemCursor records() const { return {record_bytes, record_count, offset, Fault::Part::kRecord}; }
};

// 0:5: a packet that was dropped. Not sampled: it stands for itself.
struct DropSample {
  std::uint32_t sequence = 0;
  SourceId source;
  std::uint32_t drops = 0;  // notifications that could not be sent
  std::uint32_t input = 0;  // ifIndex, 0 not known
  std::uint32_t output = 0;
  std::uint32_t reason = 0;
  std::uint32_t record_count = 0;
  Bytes record_bytes;
  std::size_t offset = 0;

  ItemCursor records() const { return {record_bytes, record_count, offset, Fault::Part::kRecord}; }
};

constexpr bool is_flow_sample(Tag tag) {
  return tag == kFlowSample || tag == kExpandedFlowSample;
}
constexpr bool is_counter_sample(Tag tag) {
  return tag == kCounterSample || tag == kExpandedCounterSample;
}

// Of a sample with the tag that the names say.
Result<FlowSample, Fault> read_flow_sample(const Item& sample);
Result<CounterSample, Fault> read_counter_sample(const Item& sample);
Result<DropSample, Fault> read_drop_sample(const Item& sample);

// "acl", "no_buffer_space": the names that sFlow gives to reasons of 0:5; empty for others.
std::string_view drop_reason_name(std::uint32_t reason);

}  // namespace fabrix::sflow
