// Whatever the octets, the decoder stays within them; what it accepts, the encoder says again, rule
// by rule and in whole messages. The first octet chooses the family.
#include <cstdlib>

#include "bgp/flowspec_match.h"
#include "bgp/flowspec_nlri.h"
#include "bgp/flowspec_order.h"
#include "bgp/flowspec_update.h"
#include "bgp/message_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fabrix::net::Family;
  if (size == 0) return 0;
  const Family family = (data[0] & 1U) != 0 ? Family::kIpv6 : Family::kIpv4;
  const auto nlri = std::as_bytes(std::span(data, size)).subspan(1);
  const auto rules = fabrix::bgp::decode_flowspec_routes(family, nlri);
  if (!rules) return 0;
  fabrix::ByteWriter again;
  for (const fabrix::bgp::FlowSpecRule& rule : *rules) {
    const std::size_t before = again.size();
    fabrix::bgp::encode_flowspec_nlri(rule, again);
    if (again.size() - before != fabrix::bgp::flowspec_nlri_size(rule)) std::abort();
    if (fabrix::bgp::compare_precedence(rule, rule) != 0) std::abort();
    if (rule.to_string().empty()) std::abort();
    const auto impossible = fabrix::bgp::impossible_component(rule);
    if (impossible && rule.find(*impossible) == nullptr) std::abort();
  }
  if (fabrix::bgp::decode_flowspec_routes(family, again.view()) != *rules) std::abort();
  fabrix::ByteWriter messages;
  const auto encoded = fabrix::bgp::encode_flowspec_announcement(
      family, *rules, {}, fabrix::bgp::kMaxExtendedMessageSize, messages);
  if (!encoded) std::abort();  // no rule is as long as an extended message
  return 0;
}
