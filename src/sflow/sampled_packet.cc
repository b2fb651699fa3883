#include "sflow/sampled_packet.h"

#include <span>

namespace fabrix::sflow {

SampledPacket::SampledPacket(ItemCursor records) {
  while (const auto item = records.next()) {
    if (count_ == kMaxRecords) break;
    records_.at(count_) = {.tag = item->tag, .body = item->body};
    ++count_;
  }
  if (const Bytes* const body = record(kSampledHeader)) header_ = read_sampled_header(*body);
}

const Bytes* SampledPacket::record(Tag tag) const {
  for (const Record& record : std::span(records_).first(count_)) {
    if (record.tag == tag) return &record.body;
  }
  return nullptr;
}

const HeaderLayers& SampledPacket::layers() const {
  if (!layers_ && header_) layers_.emplace(header_->protocol, header_->header);
  if (!layers_) layers_.emplace();
  return *layers_;
}

std::uint32_t SampledPacket::frame_length() const {
  if (header_) return header_->frame_length;
  // The first word of each of these is the length.
  for (const Tag tag : {kSampledEthernet, kSampledIpv4, kSampledIpv6}) {
    const Bytes* const body = record(tag);
    if (body != nullptr && body->size() >= 4) return load_u32(body->data());
  }
  return 0;
}

}  // namespace fabrix::sflow
