#include "net/checksum.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

std::span<const std::byte> octets(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(ChecksumTest, AgreesWithTheExampleOfRfc1071) {
  const std::vector<std::byte> data{std::byte{0x00}, std::byte{0x01}, std::byte{0xf2},
                                    std::byte{0x03}, std::byte{0xf4}, std::byte{0xf5},
                                    std::byte{0xf6}, std::byte{0xf7}};
  EXPECT_EQ(internet_checksum(data), 0xffff - 0xddf2);
}

TEST(ChecksumTest, AnOddOctetIsTheHighHalfOfAWord) {
  EXPECT_EQ(internet_checksum(octets("a")), internet_checksum(octets(std::string_view("a\0", 2))));
  EXPECT_EQ(internet_checksum({}), 0xffff);
}

TEST(ChecksumTest, Crc32cAgreesWithItsCheckValue) {
  EXPECT_EQ(crc32c(octets("123456789")), 0xe3069283U);
  // RFC 3720 appendix B.4: 32 octets of zeros.
  EXPECT_EQ(crc32c(octets(std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                                           32))),
            0x8a9136aaU);
}

}  // namespace
}  // namespace fabrix::net
