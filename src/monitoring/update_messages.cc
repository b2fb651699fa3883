#include "monitoring/update_messages.h"

#include "base/assert.h"
#include "base/byte_reader.h"
#include "bgp/message_header.h"
#include "bgp/update_encoder.h"

namespace fabrix::monitoring {

bool UpdateMessages::announce(const bgp::PathAttributes& attributes, const net::IpAddress& next_hop,
                              std::span<const net::Prefix> prefixes) {
  const bgp::NlriList routes{.prefixes = prefixes};
  for (const std::size_t size : {bgp::kMaxMessageSize, bgp::kMaxExtendedMessageSize}) {
    bgp::EncodeOptions options;
    options.max_message = size;
    options.ipv4_over_ipv6_next_hop = true;
    if (bgp::encode_announcement(attributes, next_hop, routes, options, octets_)) return true;
  }
  return false;
}

void UpdateMessages::withdraw(std::span<const net::Prefix> prefixes) {
  if (!prefixes.empty()) bgp::encode_withdrawal(prefixes.front().family(), prefixes, octets_);
}

void UpdateMessages::end_of_rib(net::Family family) {
  bgp::encode_end_of_rib(family, octets_);
}

std::vector<std::span<const std::byte>> UpdateMessages::messages() const {
  std::vector<std::span<const std::byte>> result;
  auto rest = octets_.view();
  while (!rest.empty()) {
    FABRIX_ASSERT(rest.size() >= bgp::kHeaderSize);
    ByteReader length(rest.subspan(bgp::kHeaderSize - 3));
    const std::size_t size = length.u16();
    FABRIX_ASSERT(size >= bgp::kHeaderSize && size <= rest.size());
    result.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  return result;
}

}  // namespace fabrix::monitoring
