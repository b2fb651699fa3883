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

// Most of what comes are these: their length is asked for once.
Result<FlowSample, Fault> read_flow_sample(const Item& sample) {
  const bool expanded = sample.tag == kExpandedFlowSample;
  const std::size_t words = expanded ? 11 : 8;
  if (sample.body.size() < 4 * words) return fail(too_short(sample));
  const auto word = [&](std::size_t n) { return load_u32(sample.body.data() + 4 * n); };
  const std::size_t rate = expanded ? 3 : 2;
  return FlowSample{.sequence = word(0),
                    .source = expanded ? SourceId{word(1), word(2)} : compact_source(word(1)),
                    .sampling_rate = word(rate),
                    .sample_pool = word(rate + 1),
                    .drops = word(rate + 2),
                    .input = expanded ? Interface{word(6), word(7)} : compact_interface(word(5)),
                    .output = expanded ? Interface{word(8), word(9)} : compact_interface(word(6)),
                    .record_count = word(words - 1),
                    .record_bytes = sample.body.subspan(4 * words),
                    .offset = sample.offset + 4 * words};
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
