// Whatever the bytes, decode_update() stays within them; and what it accepts, the encoder can say
// again, flawlessly and exactly. The first octet chooses the session's options.
#include <algorithm>
#include <cstdlib>

#include "bgp/update_check.h"
#include "bgp/update_encoder.h"
#include "bgp/update_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fabrix::bgp::AsnWidth;
  if (size == 0) return 0;
  const unsigned choice = data[0];
  const fabrix::bgp::UpdateOptions options{
      .asn_width = (choice & 1U) != 0 ? AsnWidth::kTwoOctets : AsnWidth::kFourOctets,
      .families = {.ipv4 = (choice & 2U) == 0, .ipv6 = (choice & 4U) == 0},
      .flowspec = {.ipv4 = (choice & 8U) != 0, .ipv6 = (choice & 8U) != 0},
      .ipv4_over_ipv6_next_hop = (choice & 16U) != 0};
  const auto update =
      fabrix::bgp::decode_update(std::as_bytes(std::span(data, size)).subspan(1), options);
  if (!update) {
    if (update.error().notification.code.code != 3) std::abort();
    return 0;
  }
  const bool announces =
      !update->announced.empty() || std::ranges::any_of(update->flowspec, [](const auto& rules) {
        return !rules.announced.empty();
      });
  if (announces == (update->attributes == nullptr)) std::abort();
  if (!update->treated_as_withdraw.empty() && announces) std::abort();
  for (const AsnWidth width : {AsnWidth::kTwoOctets, AsnWidth::kFourOctets}) {
    fabrix::ByteWriter out;
    const fabrix::bgp::EncodeOptions encode_options{
        .asn_width = width, .ipv4_over_ipv6_next_hop = options.ipv4_over_ipv6_next_hop};
    const auto encoded = fabrix::bgp::encode_update(*update, encode_options, out);
    // Attributes that were merged from two, or come from a wider message, may not fit.
    if (!encoded) continue;
    if (!fabrix::bgp::says_exactly(out.view(), *update, encode_options)) std::abort();
  }
  return 0;
}
