#include "telemetry/text.h"

#include <gtest/gtest.h>

#include "tests/sflow/frames.h"

namespace fabrix::telemetry {
namespace {

template <typename Append, typename... Arguments>
std::string shown(const Append& append, const Arguments&... arguments) {
  std::string out = "<";
  append(arguments..., out);
  return out;
}

TEST(Text, Appends) {
  const auto octets = sflow::octets({0x20, 1, 0xd, 0xb8, 0, 0xab, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(shown(append_number, std::uint64_t{0}), "<0");
  EXPECT_EQ(shown(append_number, ~std::uint64_t{0}), "<18446744073709551615");
  EXPECT_EQ(shown(append_mac, sflow::Bytes(octets)), "<20010DB800AB");
  EXPECT_EQ(shown(append_ipv4, sflow::Bytes(octets)), "<32.1.13.184");
  EXPECT_EQ(shown(append_ipv6, sflow::Bytes(octets)), "<2001:db8:ab::1");
  EXPECT_EQ(shown(append_bits, 2U, 9U), "<000000010");
}

}  // namespace
}  // namespace fabrix::telemetry
