#include "sflow/datagram_writer.h"

#include <utility>

#include "base/assert.h"

namespace fabrix::sflow {

// Before the number of samples come five words and the address.
DatagramWriter::DatagramWriter(const DatagramHeader& header)
    : count_at_(20 + header.agent.octets().size()) {
  u32(kSflowVersion);
  const bool ipv4 = header.agent.family() == net::Family::kIpv4;
  u32(ipv4 ? 1 : 2);
  padded(std::as_bytes(header.agent.octets()));
  u32(header.sub_agent);
  u32(header.sequence);
  u32(header.uptime_ms);
  u32(0);
}

void DatagramWriter::u32(std::uint32_t value) {
  octets_.resize(octets_.size() + 4);
  put(octets_.size() - 4, value);
}

void DatagramWriter::put(std::size_t at, std::uint32_t value) {
  octets_[at] = static_cast<std::byte>(value >> 24U);
  octets_[at + 1] = static_cast<std::byte>(value >> 16U & 0xffU);
  octets_[at + 2] = static_cast<std::byte>(value >> 8U & 0xffU);
  octets_[at + 3] = static_cast<std::byte>(value & 0xffU);
}

void DatagramWriter::padded(Bytes octets) {
  octets_.insert(octets_.end(), octets.begin(), octets.end());
  octets_.resize((octets_.size() + 3) / 4 * 4);
}

void DatagramWriter::begin_sample(Tag tag) {
  ++samples_;
  put(count_at_, samples_);
  u32(tag.value);
  sample_length_at_ = octets_.size();
  u32(0);
}

void DatagramWriter::begin_records() {
  record_count_at_ = octets_.size();
  records_ = 0;
  u32(0);
  put(sample_length_at_, static_cast<std::uint32_t>(octets_.size() - sample_length_at_ - 4));
}

void DatagramWriter::source(const SourceId& source, SampleForm form) {
  if (form == SampleForm::kExpanded) {
    u32(source.type);
    u32(source.index);
  } else {
    u32(source.type << 24U | (source.index & 0xffffffU));
  }
}

void DatagramWriter::interface(const Interface& interface, SampleForm form) {
  if (form == SampleForm::kExpanded) {
    u32(interface.format);
    u32(interface.value);
  } else {
    u32(interface.format << 30U | (interface.value & 0x3fffffffU));
  }
}

void DatagramWriter::begin(const FlowSample& sample, SampleForm form) {
  begin_sample(form == SampleForm::kExpanded ? kExpandedFlowSample : kFlowSample);
  u32(sample.sequence);
  source(sample.source, form);
  u32(sample.sampling_rate);
  u32(sample.sample_pool);
  u32(sample.drops);
  interface(sample.input, form);
  interface(sample.output, form);
  begin_records();
}

void DatagramWriter::begin(const CounterSample& sample, SampleForm form) {
  begin_sample(form == SampleForm::kExpanded ? kExpandedCounterSample : kCounterSample);
  u32(sample.sequence);
  source(sample.source, form);
  begin_records();
}

void DatagramWriter::begin(const DropSample& sample) {
  begin_sample(kDropSample);
  u32(sample.sequence);
  source(sample.source, SampleForm::kExpanded);
  u32(sample.drops);
  u32(sample.input);
  u32(sample.output);
  u32(sample.reason);
  begin_records();
}

void DatagramWriter::end_record(std::size_t length_at) {
  put(length_at, static_cast<std::uint32_t>(octets_.size() - length_at - 4));
  put(record_count_at_, ++records_);
  put(sample_length_at_, static_cast<std::uint32_t>(octets_.size() - sample_length_at_ - 4));
}

void DatagramWriter::record(Tag tag, Bytes body) {
  FABRIX_ASSERT(record_count_at_ != 0);
  u32(tag.value);
  const std::size_t length_at = octets_.size();
  u32(0);
  padded(body);
  end_record(length_at);
}

void DatagramWriter::record(const SampledHeader& header) {
  FABRIX_ASSERT(record_count_at_ != 0);
  u32(kSampledHeader.value);
  const std::size_t length_at = octets_.size();
  u32(0);
  u32(header.protocol);
  u32(header.frame_length);
  u32(header.stripped);
  u32(static_cast<std::uint32_t>(header.header.size()));
  padded(header.header);
  end_record(length_at);
}

std::vector<std::byte> DatagramWriter::take() {
  return std::exchange(octets_, {});
}

}  // namespace fabrix::sflow
