#include "telemetry/source_numbers.h"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/data_source.h"

namespace fabrix::telemetry {
namespace {

Sample sample_of(std::uint8_t agent, std::uint32_t port) {
  Sample sample;
  sample.agent = net::IpAddress::v4({192, 0, 2, agent});
  sample.source = {0, port};
  return sample;
}

std::vector<std::uint32_t> find(SourceNumbers& numbers, const std::vector<Sample>& samples) {
  std::vector<const Sample*> pointers;
  pointers.reserve(samples.size());
  for (const Sample& sample : samples) pointers.push_back(&sample);
  std::vector<std::uint32_t> found{77};
  numbers.find(pointers, found);
  return found;
}

// As many as there are, each always the same, whatever comes together.
TEST(SourceNumbersTest, AgreeWithAMap) {
  constexpr unsigned kSeed = 20261123;
  std::mt19937 random(kSeed);  // NOLINT(cert-msc51-cpp): the same every time
  SourceNumbers numbers;
  std::map<DataSource, std::uint32_t> expected;
  for (int step = 0; step < 500; ++step) {
    std::vector<Sample> samples;
    for (std::size_t n = random() % 70; n > 0; --n) {
      const auto agent = static_cast<std::uint8_t>(random() % 9);
      samples.push_back(sample_of(agent, static_cast<std::uint32_t>(random() % 200)));
    }
    const auto found = find(numbers, samples);
    ASSERT_EQ(found.size(), samples.size());
    for (std::size_t n = 0; n < samples.size(); ++n) {
      const DataSource source{.agent = samples[n].agent, .id = samples[n].source};
      const auto next = static_cast<std::uint32_t>(expected.size());
      ASSERT_EQ(found[n], expected.emplace(source, next).first->second) << "seed " << kSeed;
    }
    if (random() % 100 != 0) continue;
    numbers.forget();
    expected.clear();
  }
}

TEST(SourceNumbersTest, AreNotMoreThanTheMost) {
  SourceNumbers numbers;
  std::vector<Sample> samples;
  for (std::uint32_t port = 0; port <= SourceNumbers::kMostSources; ++port) {
    samples.push_back(sample_of(1, port));
  }
  const auto found = find(numbers, samples);
  EXPECT_EQ(found[SourceNumbers::kMostSources - 1], SourceNumbers::kMostSources - 1);
  EXPECT_EQ(found[SourceNumbers::kMostSources], SourceNumbers::kNone);
  EXPECT_EQ(find(numbers, {samples[7]}), (std::vector<std::uint32_t>{7}));
}

}  // namespace
}  // namespace fabrix::telemetry
