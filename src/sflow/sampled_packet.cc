#include "sflow/sampled_packet.h"

namespace fabrix::sflow {

void SampledPacket::make_layers() const {
  if (header_) {
    layers_.emplace(header_->protocol, header_->header);
  } else {
    layers_.emplace();
  }
}

std::uint32_t SampledPacket::length_without_header() const {
  // The first word of each of these is the length.
  for (const Tag tag : {kSampledEthernet, kSampledIpv4, kSampledIpv6}) {
    const auto body = record(tag);
    if (body && body->size() >= 4) return load_u32(body->data());
  }
  return 0;
}

}  // namespace fabrix::sflow
