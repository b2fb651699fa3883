#include "telemetry/key_census.h"

#include <map>

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

TEST(KeyCensus, TellsTheKeysThatSamplesHave) {
  KeyCensus census;
  EXPECT_TRUE(census.seen().empty());
  Sampled tcp(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  Sampled udp(sflow::frame("udp 10.4.3.9:1000 -> 10.1.2.3:53"));
  census.add(tcp.sample(), seconds(1));
  census.add(udp.sample(), seconds(2));
  const auto found = census.seen();
  const std::map<std::string_view, Time> seen(found.begin(), found.end());
  EXPECT_EQ(seen.at("ipsource"), seconds(2));
  EXPECT_EQ(seen.at("tcpsourceport"), seconds(1));
  EXPECT_EQ(seen.at("udpsourceport"), seconds(2));
  EXPECT_FALSE(seen.contains("ip6source"));
}

TEST(KeyCensus, AsksABoundedNumberASecond) {
  KeyCensus census;
  Sampled tcp(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  Sampled udp(sflow::frame("udp 10.4.3.9:1000 -> 10.1.2.3:53"));
  for (unsigned i = 0; i < KeyCensus::kSamplesPerSecond; ++i) census.add(tcp.sample(), seconds(1));
  const auto before = census.seen().size();
  census.add(udp.sample(), seconds(1));
  EXPECT_EQ(census.seen().size(), before);
  census.add(udp.sample(), seconds(2));
  EXPECT_GT(census.seen().size(), before);
}

}  // namespace
}  // namespace fabrix::telemetry
