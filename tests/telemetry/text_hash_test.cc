#include "telemetry/text_hash.h"

#include <array>
#include <bit>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(TextHash, TellsLengthsAndPlacesApart) {
  std::set<std::uint64_t> hashes;
  for (std::size_t length = 0; length < 70; ++length) {
    hashes.insert(hash_of(std::string(length, 'x')));
    for (std::size_t at = 0; at < length; ++at) {
      std::string text(length, 'x');
      text[at] = 'y';
      hashes.insert(hash_of(text));
    }
  }
  EXPECT_EQ(hashes.size(), 70U + 69U * 70U / 2);
}

// A bit of the text changes each bit of the hash about every second time.
TEST(TextHash, SpreadsEveryBit) {
  std::mt19937 random(20261122);  // NOLINT(cert-msc51-cpp): the same every time
  std::array<int, 64> changed{};
  constexpr int kTries = 2000;
  for (int n = 0; n < kTries; ++n) {
    std::string text(1 + random() % 48, ' ');
    for (char& each : text) each = static_cast<char>(random() & 0xffU);
    const std::uint64_t before = hash_of(text);
    char& flipped = text[random() % text.size()];
    flipped = static_cast<char>(static_cast<unsigned char>(flipped) ^ 1U << random() % 8);
    const std::uint64_t difference = before ^ hash_of(text);
    for (unsigned bit = 0; bit < 64; ++bit)
      changed.at(bit) += (difference >> bit & 1U) != 0 ? 1 : 0;
  }
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_GT(changed.at(bit), kTries * 2 / 5) << bit;
    EXPECT_LT(changed.at(bit), kTries * 3 / 5) << bit;
  }
}

// Flow keys, as they are: of 16 bits no value is much more frequent than others.
TEST(TextHash, SpreadsAddresses) {
  std::array<int, 4096> buckets{};
  for (int n = 0; n < 4096 * 16; ++n) {
    const std::string text = "10.0." + std::to_string(n / 256) + "." + std::to_string(n % 256) +
                             ",192.0.2." + std::to_string(n % 7);
    ++buckets.at(hash_of(text) & 0xfffU);
  }
  for (const int count : buckets) EXPECT_LT(count, 48);
}

}  // namespace
}  // namespace fabrix::telemetry
