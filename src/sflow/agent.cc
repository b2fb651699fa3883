#include "sflow/agent.h"

#include <array>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "sflow/flow_records.h"
#include "sflow/record.h"

namespace fabrix::sflow {
namespace {

constexpr std::uint32_t kCheckSequence = 4;   // octets: counted in frame_length, and stripped
constexpr std::uint32_t kEthernetCsmacd = 6;  // IANAifType
constexpr std::uint32_t kFullDuplex = 1;
constexpr std::uint32_t kUnknown = std::numeric_limits<std::uint32_t>::max();
constexpr Tag kInterfaceCounters = Tag::of(0, 1);

// Octets of a sample with its tag: its own words, those of its records, and what varies.
constexpr std::size_t kFlowSampleOctets = 8 + 32 + (8 + 16 + Agent::kMaxHeader) + (8 + 16);
constexpr std::size_t kCounterSampleOctets = 8 + 12 + (8 + 88);

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
  if (writer_ && writer_->size() + octets > kLargest) flush();
  if (!writer_) {
    writer_.emplace(DatagramHeader{.agent = address_,
                                   .sub_agent = 0,
                                   .sequence = ++datagrams_,
                                   .uptime_ms = uptime_ms,
                                   .sample_count = 0});
  }
  return *writer_;
}

void Agent::add(const PacketSample& sample, std::uint32_t uptime_ms) {
  FABRIX_ASSERT(sample.header.size() <= kMaxHeader);
  DatagramWriter& writer = writer_for(kFlowSampleOctets, uptime_ms);
  writer.begin(FlowSample{.sequence = ++sequences_[sample.input].flow,
                          .source = {.type = 0, .index = sample.input},
                          .sampling_rate = sample.rate,
                          .sample_pool = sample.pool,
                          .drops = sample.drops,
                          .input = {.format = 0, .value = sample.input},
                          .output = sample.output,
                          .record_count = 0,
                          .record_bytes = {},
                          .offset = 0},
               SampleForm::kCompact);
  writer.record(SampledHeader{.protocol = static_cast<std::uint32_t>(HeaderProtocol::kEthernet),
                              .frame_length = sample.frame_length + kCheckSequence,
                              .stripped = kCheckSequence,
                              .header = sample.header});
  writer.record(kExtendedSwitch, switch_record(sample.header));
}

void Agent::add(const InterfaceCounters& counters, std::uint32_t uptime_ms) {
  using Value = FieldValue;
  const auto number = [](std::uint64_t value) { return Value(value); };
  const std::vector<Value> values{
      number(counters.index),
      number(kEthernetCsmacd),
      number(0),  // speed: not known
      number(kFullDuplex),
      number(counters.is_up ? 3 : 1),  // wanted up, and is
      number(counters.in_octets),
      number(counters.in_packets),  // of all kinds: they are not told apart
      number(kUnknown),
      number(kUnknown),
      number(counters.in_discards),
      number(kUnknown),
      number(kUnknown),
      number(counters.out_octets),
      number(counters.out_packets),
      number(kUnknown),
      number(kUnknown),
      number(kUnknown),
      number(kUnknown),
      number(0),
  };
  DatagramWriter& writer = writer_for(kCounterSampleOctets, uptime_ms);
  writer.begin(CounterSample{.sequence = ++sequences_[counters.index].counter,
                             .source = {.type = 0, .index = counters.index},
                             .record_count = 0,
                             .record_bytes = {},
                             .offset = 0},
               SampleForm::kCompact);
  writer.record(kInterfaceCounters,
                encode_record(*find_counter_schema(kInterfaceCounters), values));
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
