#include "sflow/datagram.h"

#include <fmt/format.h>

namespace fabrix::sflow {
namespace {

constexpr std::uint32_t kAddressIpv4 = 1;
constexpr std::uint32_t kAddressIpv6 = 2;

// source_id and interfaces in the compact forms (sFlow version 5, §5: sflow_data_source,
// interface).
SourceId compact_source(std::uint32_t word) {
  return {word >> 24U, word & 0xffffffU};
}

Interface compact_interface(std::uint32_t word) {
  return {word >> 30U, word & 0x3fffffffU};
}

SourceId expanded_source(XdrReader& in) {
  const std::uint32_t type = in.u32();
  return {type, in.u32()};
}

Interface expanded_interface(XdrReader& in) {
  const std::uint32_t format = in.u32();
  return {format, in.u32()};
}

Fault too_short(const Item& sample) {
  return {.part = Fault::Part::kSample,
          .reason = Fault::Reason::kNotItsStructure,
          .offset = sample.offset,
          .found = static_cast<std::uint32_t>(sample.body.size()),
          .left = sample.body.size(),
          .tag = sample.tag.value};
}

std::string_view part_name(Fault::Part part) {
  if (part == Fault::Part::kDatagram) return "datagram";
  return part == Fault::Part::kSample ? "sample" : "record";
}

}  // namespace

std::string to_string(Tag tag) {
  return fmt::format("{}:{}", tag.enterprise(), tag.format());
}

std::string to_string(const Fault& fault) {
  std::string text(part_name(fault.part));
  if (fault.tag != 0) text += " " + to_string(Tag{fault.tag});
  text += fmt::format(" at octet {}: ", fault.offset);
  switch (fault.reason) {
    case Fault::Reason::kVersion:
      return text + fmt::format("version {}, not {}", fault.found, kSflowVersion);
    case Fault::Reason::kAddressType:
      return text + fmt::format("address type {}, not 1 (IPv4) or 2 (IPv6)", fault.found);
    case Fault::Reason::kNotItsStructure:
      return text + fmt::format("{} octets do not hold its structure", fault.left);
    case Fault::Reason::kTooShort:
      break;
  }
  return text + fmt::format("{} octets are announced, {} are left", fault.found, fault.left);
}

std::optional<Item> ItemCursor::cut_short() {
  fault_ = Fault{.part = part_,
                 .reason = Fault::Reason::kTooShort,
                 .offset = end_ - reader_.remaining(),
                 .found = 8,
                 .left = reader_.remaining()};
  count_ = 0;
  return std::nullopt;
}

std::optional<Item> ItemCursor::overlong(Tag tag, std::uint32_t length) {
  const std::size_t offset = end_ - reader_.remaining();
  fault_ = Fault{.part = part_,
                 .reason = Fault::Reason::kTooShort,
                 .offset = offset,
                 .found = length,
                 .left = reader_.remaining(),
                 .tag = tag.value};
  count_ = 0;
  // What a record has is not its structure; what a sample has is records.
  if (part_ == Fault::Part::kRecord) return std::nullopt;
  return Item{tag, reader_.bytes(reader_.remaining()), offset};
}

Result<Datagram, Fault> Datagram::open(Bytes datagram) {
  XdrReader in(datagram);
  const std::uint32_t version = in.u32();
  Fault fault{.found = 28, .left = datagram.size()};
  if (!in.ok()) return fail(fault);
  if (version != kSflowVersion) {
    fault.reason = Fault::Reason::kVersion;
    fault.found = version;
    return fail(fault);
  }
  const std::uint32_t type = in.u32();
  DatagramHeader header;
  if (type == kAddressIpv4) {
    header.agent = in.ipv4();
  } else if (type == kAddressIpv6) {
    fault.found = 40;
    header.agent = in.ipv6();
  } else if (in.ok()) {
    return fail(Fault{.reason = Fault::Reason::kAddressType, .offset = 4, .found = type});
  }
  header.sub_agent = in.u32();
  header.sequence = in.u32();
  header.uptime_ms = in.u32();
  header.sample_count = in.u32();
  if (!in.ok()) return fail(fault);
  return Datagram(header, in.rest(), datagram.size() - in.remaining());
}

Result<FlowSample, Fault> read_flow_sample(const Item& sample) {
  XdrReader in(sample.body);
  const bool expanded = sample.tag == kExpandedFlowSample;
  FlowSample flow;
  flow.sequence = in.u32();
  flow.source = expanded ? expanded_source(in) : compact_source(in.u32());
  flow.sampling_rate = in.u32();
  flow.sample_pool = in.u32();
  flow.drops = in.u32();
  flow.input = expanded ? expanded_interface(in) : compact_interface(in.u32());
  flow.output = expanded ? expanded_interface(in) : compact_interface(in.u32());
  flow.record_count = in.u32();
  if (!in.ok()) return fail(too_short(sample));
  flow.record_bytes = in.rest();
  flow.offset = sample.offset + (sample.body.size() - in.remaining());
  return flow;
}

Result<CounterSample, Fault> read_counter_sample(const Item& sample) {
  XdrReader in(sample.body);
  const bool expanded = sample.tag == kExpandedCounterSample;
  CounterSample counters;
  counters.sequence = in.u32();
  counters.source = expanded ? expanded_source(in) : compact_source(in.u32());
  counters.record_count = in.u32();
  if (!in.ok()) return fail(too_short(sample));
  counters.record_bytes = in.rest();
  counters.offset = sample.offset + (sample.body.size() - in.remaining());
  return counters;
}

Result<DropSample, Fault> read_drop_sample(const Item& sample) {
  XdrReader in(sample.body);
  DropSample drop;
  drop.sequence = in.u32();
  drop.source = expanded_source(in);
  drop.drops = in.u32();
  drop.input = in.u32();
  drop.output = in.u32();
  drop.reason = in.u32();
  drop.record_count = in.u32();
  if (!in.ok()) return fail(too_short(sample));
  drop.record_bytes = in.rest();
  drop.offset = sample.offset + (sample.body.size() - in.remaining());
  return drop;
}

}  // namespace fabrix::sflow
