// SampledPacket: what one sample says about a packet: its records by tag, and the layers of its
// header, found when they are asked for.
//
// Of several records with one tag the first counts. Cheap to make: nothing is kept but where the
// records are, and the sampled header, which comes first as a rule. A view of the datagram's
// octets, which must outlive it. Not for two threads at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "sflow/datagram.h"
#include "sflow/flow_records.h"
#include "sflow/header_layers.h"

namespace fabrix::sflow {

class SampledPacket {
 public:
  // Records after these are not looked at.
  static constexpr std::uint32_t kMaxRecords = 16;

  explicit SampledPacket(const ItemCursor& records)
      : records_(records.rest()), count_(std::min(records.left(), kMaxRecords)) {
    if (const auto body = record(kSampledHeader)) header_ = read_sampled_header(*body);
  }

  // The record's body, if there is such a record.
  std::optional<Bytes> record(Tag tag) const {
    XdrReader in(records_);
    for (std::uint32_t n = 0; n < count_ && in.remaining() >= 8; ++n) {
      const Tag found{in.u32()};
      const Bytes body = in.opaque(in.u32());
      if (!in.ok()) break;
      if (found == tag) return body;
    }
    return std::nullopt;
  }

  const std::optional<SampledHeader>& header() const { return header_; }

  // Of the sampled header; none if there is no such record.
  const HeaderLayers& layers() const {
    if (!layers_) make_layers();
    return *layers_;
  }

  // Octets of the packet as it was on the wire: the sampled header's, or what the other records
  // say; of a transaction that is what was asked and answered.
  std::uint32_t frame_length() const {
    return header_ ? header_->frame_length : length_without_header();
  }

 private:
  void make_layers() const;
  std::uint32_t length_without_header() const;

  Bytes records_;
  std::uint32_t count_;
  std::optional<SampledHeader> header_;
  mutable std::optional<HeaderLayers> layers_;
};

}  // namespace fabrix::sflow
