// SampledPacket: what one sample says about a packet: its records by tag, and the layers of its
// header, found when they are first asked for.
//
// Of several records with one tag the first counts. Cheap to make: nothing is decoded. A view of
// the datagram's octets, which must outlive it. Not for two threads at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sflow/datagram.h"
#include "sflow/flow_records.h"
#include "sflow/header_layers.h"

namespace fabrix::sflow {

class SampledPacket {
 public:
  // Records after these are not looked at.
  static constexpr std::size_t kMaxRecords = 16;

  explicit SampledPacket(ItemCursor records);

  // The record's body, if there is such a record.
  const Bytes* record(Tag tag) const;

  const std::optional<SampledHeader>& header() const { return header_; }

  // Of the sampled header; none if there is no such record.
  const HeaderLayers& layers() const;

  // Octets of the packet as it was on the wire: the sampled header's, or what the other records
  // say.
  std::uint32_t frame_length() const;

 private:
  struct Record {
    Tag tag;
    Bytes body;
  };

  std::array<Record, kMaxRecords> records_{};
  std::size_t count_ = 0;
  std::optional<SampledHeader> header_;
  mutable std::optional<HeaderLayers> layers_;
};

}  // namespace fabrix::sflow
