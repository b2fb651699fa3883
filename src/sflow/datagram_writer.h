// DatagramWriter: makes sFlow version 5 datagrams (see datagram.h). The inverse of Datagram, of
// what an agent sends: the header, then samples, each with its records.
//
// Lengths and numbers of samples and records are filled in. The caller minds the size of what it
// sends: size() says what has been written (1,400 octets are customary, so that nothing fragments).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sflow/datagram.h"
#include "sflow/flow_records.h"

namespace fabrix::sflow {

enum class SampleForm : std::uint8_t { kCompact, kExpanded };

class DatagramWriter {
 public:
  // The header's sample_count is ignored.
  explicit DatagramWriter(const DatagramHeader& header);

  // The compact form holds 24 bits of a source's index and 30 of an interface's.
  // Of the sample, its records are ignored: they come with record().
  void begin(const FlowSample& sample, SampleForm form);
  void begin(const CounterSample& sample, SampleForm form);
  void begin(const DropSample& sample);

  // One more record of the sample that began last.
  void record(Tag tag, Bytes body);
  void record(const SampledHeader& header);

  std::size_t size() const { return octets_.size(); }

  // The datagram, leaving nothing.
  std::vector<std::byte> take();

 private:
  void u32(std::uint32_t value);
  void put(std::size_t at, std::uint32_t value);
  void padded(Bytes octets);
  void begin_sample(Tag tag);
  void begin_records();
  void source(const SourceId& source, SampleForm form);
  void interface(const Interface& interface, SampleForm form);
  void end_record(std::size_t length_at);

  std::vector<std::byte> octets_;
  std::size_t count_at_;  // where the number of samples is
  std::size_t sample_length_at_ = 0;
  std::size_t record_count_at_ = 0;  // 0: no sample has begun
  std::uint32_t samples_ = 0;
  std::uint32_t records_ = 0;
};

}  // namespace fabrix::sflow
