#include "sflow/agent.h"

#include <array>
#include <utility>

#include "base/assert.h"
#include "sflow/flow_records.h"
#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

constexpr std::uint32_t kCheckSequence = 4;  // octets: counted in frame_length, and stripped
constexpr std::uint32_t kUnknown = InterfaceCounters::kUnknown;
constexpr Tag kInterfaceCounters = Tag::of(0, 1);

// Octets of a sample with its tag: its own words, those of its records, and what varies.
constexpr std::size_t kFlowSampleOctets = 8 + 32 + (8 + 16) + (8 + 16);
constexpr std::size_t kCounterSampleOctets = 8 + 12;

constexpr std::size_t padded(std::size_t octets) {
  return (octets + 3) / 4 * 4;
}

std::size_t octets_of(std::span<const Record> records) {
  std::size_t octets = 0;
  for (const Record& record : records) octets += 8 + padded(record.octets.size());
  return octets;
}

// The VLAN of a frame with its priority (IEEE 802.1Q); 0 without one. No port changes it.
std::array<std::byte, 16> switch_record(Bytes header) {
  std::array<std::byte, 16> record{};
  constexpr std::size_t kType = 12;
  if (header.size() < kType + 4 || load_u16(header.data() + kType) != 0x8100) return record;
  const std::uint16_t tag = load_u16(header.data() + kType + 2);
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}}) {
    record.at(at + 2) = static_cast<std::byte>(tag >> 8U & 0x0fU);
    record.at(at + 3) = static_cast<std::byte>(tag & 0xffU);
    record.at(at + 7) = static_cast<std::byte>(tag >> 13U);
  }
  return record;
}

}  // namespace

DatagramWriter& Agent::writer_for(std::size_t octets, std::uint32_t uptime_ms) {
  if (writer_ && writer_->size() + octets > largest_) flush();
  if (!writer_) {
    writer_.emplace(DatagramHeader{.agent = address_,
                                   .sub_agent = sub_agent_,
                                   .sequence = ++datagrams_,
                                   .uptime_ms = uptime_ms,
                                   .sample_count = 0});
  }
  return *writer_;
}

void Agent::add(const PacketSample& sample, std::uint32_t uptime_ms) {
  FABRIX_ASSERT(sample.header.size() <= kMostHeader);
  const bool is_ethernet = sample.protocol == HeaderProtocol::kEthernet;
  const std::uint32_t stripped = is_ethernet ? kCheckSequence : 0;
  const SourceId source{.type = 0, .index = sample.source};
  DatagramWriter& writer = writer_for(
      kFlowSampleOctets + padded(sample.header.size()) + octets_of(sample.records), uptime_ms);
  writer.begin(FlowSample{.sequence = ++sequences_[source].flow,
                          .source = source,
                          .sampling_rate = sample.rate,
                          .sample_pool = sample.pool,
                          .drops = sample.drops,
                          .input = sample.input,
                          .output = sample.output,
                          .record_count = 0,
                          .record_bytes = {},
                          .offset = 0},
               SampleForm::kCompact);
  writer.record(SampledHeader{.protocol = static_cast<std::uint32_t>(sample.protocol),
                              .frame_length = sample.frame_length + stripped,
                              .stripped = stripped,
                              .header = sample.header});
  if (is_ethernet) writer.record(kExtendedSwitch, switch_record(sample.header));
  for (const Record& record : sample.records) writer.record(record.tag, record.octets);
}

Record interface_record(const InterfaceCounters& counters) {
  using Value = FieldValue;
  const auto number = [](std::uint64_t value) { return Value(value); };
  const std::array<Value, 19> values{
      number(counters.index),
      number(counters.type),
      number(counters.speed),
      number(counters.direction),
      number((counters.is_wanted_up ? 1U : 0U) + (counters.is_up ? 2U : 0U)),
      number(counters.in_octets),
      number(counters.in_packets),
      number(counters.in_multicast),
      number(kUnknown),
      number(counters.in_discards),
      number(counters.in_errors),
      number(kUnknown),
      number(counters.out_octets),
      number(counters.out_packets),
      number(kUnknown),
      number(kUnknown),
      number(counters.out_discards),
      number(counters.out_errors),
      number(counters.is_promiscuous ? 1 : 0),
  };
  return {.tag = kInterfaceCounters,
          .octets = encode_record(*find_counter_schema(kInterfaceCounters), values)};
}

void Agent::add(const InterfaceCounters& counters, std::uint32_t uptime_ms) {
  const Record record = interface_record(counters);
  add({.type = 0, .index = counters.index}, std::span(&record, 1), uptime_ms);
}

void Agent::add(const SourceId& source, std::span<const Record> records, std::uint32_t uptime_ms) {
  DatagramWriter& writer = writer_for(kCounterSampleOctets + octets_of(records), uptime_ms);
  writer.begin(CounterSample{.sequence = ++sequences_[source].counter,
                             .source = source,
                             .record_count = 0,
                             .record_bytes = {},
                             .offset = 0},
               SampleForm::kCompact);
  for (const Record& record : records) writer.record(record.tag, record.octets);
}

void Agent::flush() {
  if (!writer_) return;
  done_.push_back(writer_->take());
  writer_.reset();
}

std::vector<std::vector<std::byte>> Agent::take() {
  return std::exchange(done_, {});
}

}  // namespace fabrix::sflow
