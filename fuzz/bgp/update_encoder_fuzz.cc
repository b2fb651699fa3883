// Whatever routes there are and whatever was negotiated: no message exceeds what the peer takes,
// nothing is lost, and the decoder that judges members finds no fault.
//
// Input: options, message size, number of communities, number of AS numbers; then per prefix its
// length and as many octets as it needs.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "base/byte_reader.h"
#include "bgp/message_splitter.h"
#include "bgp/update_check.h"
#include "bgp/update_encoder.h"

namespace fabrix::bgp {
namespace {

struct Input {
  EncodeOptions options;
  UpdateMessage update;
};

std::vector<net::Prefix> read_prefixes(ByteReader& in, net::Family family) {
  std::vector<net::Prefix> prefixes;
  while (!in.at_end()) {
    const unsigned length = in.u8() % (net::width_of(family) + 1);
    std::array<std::uint8_t, 16> octets{};
    for (unsigned at = 0; at < (length + 7) / 8; ++at) octets.at(at) = in.u8();
    const auto where = family == net::Family::kIpv4
                           ? net::IpAddress::v4({octets[0], octets[1], octets[2], octets[3]})
                           : net::IpAddress::v6(octets);
    prefixes.push_back(*net::Prefix::containing(where, length));
  }
  return prefixes;
}

Input read(ByteReader in) {
  const unsigned choice = in.u8();
  Input input;
  input.options = {
      .asn_width = (choice & 1U) != 0 ? AsnWidth::kTwoOctets : AsnWidth::kFourOctets,
      .max_message = kMaxMessageSize + in.u16() % (kMaxExtendedMessageSize - kMaxMessageSize + 1),
      .add_path = false,
      .ipv4_over_ipv6_next_hop = (choice & 2U) != 0};
  PathAttributes attributes;
  attributes.communities.resize(in.u16());
  const std::size_t hops = in.u8();
  attributes.as_path.prepend(net::Asn{(choice & 4U) != 0 ? 4'200'000'001U : 64500U}, hops);
  const auto family = (choice & 8U) != 0 ? net::Family::kIpv6 : net::Family::kIpv4;
  const bool ipv6_hop = family == net::Family::kIpv6 || (choice & 2U) != 0;
  const auto hop = ipv6_hop ? net::IpAddress::v6({0x20, 1}) : net::IpAddress::v4({192, 0, 2, 1});
  const std::vector<net::Prefix> prefixes = read_prefixes(in, family);
  if (prefixes.empty()) return input;
  if ((choice & 16U) != 0) {
    input.update.withdrawn = prefixes;
  } else {
    input.update.announced = {{family, hop, prefixes}};
    input.update.attributes = std::make_shared<const PathAttributes>(attributes);
  }
  return input;
}

void check_sizes(std::span<const std::byte> messages, std::size_t max_size) {
  MessageSplitter splitter;
  splitter.set_max_size(max_size);
  while (!messages.empty()) {
    const auto message = splitter.next(messages);
    if (!message || !*message) std::abort();
  }
}

void run(const Input& input) {
  ByteWriter out;
  if (!encode_update(input.update, input.options, out)) {
    if (out.size() != 0) std::abort();
    return;
  }
  if (!says_exactly(out.view(), input.update, input.options)) std::abort();

  // With path identifiers, four octets more for each prefix, in messages that still fit.
  EncodeOptions paths = input.options;
  paths.add_path = true;
  ByteWriter with_paths;
  if (!encode_update(input.update, paths, with_paths)) return;
  check_sizes(with_paths.view(), paths.max_message);
  const std::size_t count =
      input.update.withdrawn.size() +
      (input.update.announced.empty() ? 0 : input.update.announced[0].prefixes.size());
  if (with_paths.size() < out.size() + 4 * count) std::abort();
}

}  // namespace
}  // namespace fabrix::bgp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::bgp::run(fabrix::bgp::read(fabrix::ByteReader(std::as_bytes(std::span(data, size)))));
  return 0;
}
