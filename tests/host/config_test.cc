#include "host/config.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabrix::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Config config_of(std::string_view text) {
  const auto reading = read_config(text, "a.conf");
  EXPECT_TRUE(reading.diagnostics.empty()) << render(reading.diagnostics, text);
  return reading.config;
}

std::string complaint_of(std::string_view text) {
  return render(read_config(text, "a.conf").diagnostics, text);
}

// hsflowd's own example (src/Linux/scripts/hsflowd.conf), what it comments out put to work.
TEST(HostConfigTest, ReadsWhatHostSflowReads) {
  const Config config = config_of(R"(# hsflowd configuration file
sflow {
  agent.cidr = 192.168.7.9/16
  agent = eth0
  polling = 20
  sampling = 400
  sampling.100M = 100
  sampling.1G = 1000
  sampling.10G=10000;
  sampling.http = 50
  sampling.1M = 0
  polling.http = 10
  headerBytes = 256  datagramBytes = 1200
  samplingDirection = in
  collector { ip=127.0.0.1 udpport=6344 }
  collector { IP=2001:db8::7 dev=mgmt namespace=blue }
  collector { ip=collector.example.net }
  pcap { dev = docker0 promisc = on sampling = 64 }
  pcap { speed=1G-1T }
  pcap { speed=10g- promisc=off }
  pcap { speed=1G direction=both }
  pcap { dev=lo direction=out }
  tcp { tunnel=on }
  systemd { markTraffic=on refreshVMs=60 }
  docker { hostname=on forgetVMs=60 }
}
)");
  EXPECT_THAT(config.agent_prefixes, ElementsAre(net::Prefix::parse("192.168.0.0/16").value()));
  EXPECT_EQ(config.agent_device, "eth0");
  EXPECT_EQ(config.polling_seconds, 20U);
  EXPECT_EQ(config.sampling, 400U);
  EXPECT_EQ(
      config.sampling_by_speed,
      (std::map<std::uint64_t, std::uint32_t>{
          {1'000'000, 0}, {100'000'000, 100}, {1'000'000'000, 1000}, {10'000'000'000, 10000}}));
  EXPECT_EQ(config.header_bytes, 256U);
  EXPECT_EQ(config.datagram_bytes, 1200U);
  EXPECT_EQ(config.direction, Direction::kIn);
  EXPECT_THAT(
      config.collectors,
      ElementsAre(Collector{net::IpAddress::parse("127.0.0.1").value(), 6344},
                  Collector{net::IpAddress::parse("2001:db8::7").value(), 6343, "", "mgmt", "blue"},
                  Collector{.name = "collector.example.net"}));
  ASSERT_EQ(config.sampled.size(), 5U);
  EXPECT_EQ(config.sampled[0].device, "docker0");
  EXPECT_EQ(config.sampled[0].rate, 64U);
  EXPECT_TRUE(config.sampled[0].promiscuous);
  EXPECT_EQ(config.sampled[1].speed, (SpeedRange{1'000'000'000, 1'000'000'000'000}));
  EXPECT_EQ(config.sampled[2].speed.lowest, 10'000'000'000U);
  EXPECT_GT(config.sampled[2].speed.highest, std::uint64_t{1} << 60U);
  EXPECT_EQ(config.sampled[3].speed, (SpeedRange{1'000'000'000, 1'000'000'000}));
  EXPECT_EQ(config.sampled[3].direction, Direction::kBoth);
  EXPECT_EQ(config.sampled[4].direction, Direction::kOut);
  EXPECT_TRUE(config.tcp && config.services && config.containers);
}

TEST(HostConfigTest, HasDefaultsAsHostSflow) {
  const Config config = config_of("sflow { }");
  EXPECT_EQ(config.polling_seconds, 30U);
  EXPECT_EQ(config.header_bytes, 128U);
  EXPECT_EQ(config.datagram_bytes, 1400U);
  EXPECT_FALSE(config.tcp || config.services || config.containers);
}

TEST(HostConfigTest, KnowsWhoItIs) {
  const Config config = config_of(
      "sflow { agentIP=192.0.2.9 subAgentId=3 hostname=web1 "
      "uuid=00010203-0405-0607-0809-0a0b0c0d0e0f }");
  EXPECT_EQ(config.agent_address, net::IpAddress::parse("192.0.2.9"));
  EXPECT_EQ(config.sub_agent, 3U);
  EXPECT_EQ(config.host_name, "web1");
  ASSERT_TRUE(config.uuid);
  EXPECT_EQ(std::to_integer<int>(config.uuid->at(0)), 0);
  EXPECT_EQ(std::to_integer<int>(config.uuid->at(15)), 15);
}

TEST(HostConfigTest, PassesOverPartsThatAreNotHere) {
  const auto reading =
      read_config("sflow { kvm { } dropmon { group=1 start=on inner { a=b } } polling=5 }", "a");
  EXPECT_EQ(reading.config.polling_seconds, 5U);
  ASSERT_EQ(reading.diagnostics.size(), 2U);
  EXPECT_FALSE(has_error(reading.diagnostics));
  EXPECT_EQ(reading.diagnostics[0].code, "H0104");
}

// Files of years ago.
TEST(HostConfigTest, PassesOverSettingsThatAreNotHere) {
  const auto reading =
      read_config("sflow { DNSSD = off polling=5 ulogProbability=0.01 jsonPort = 36343 }", "a");
  EXPECT_EQ(reading.config.polling_seconds, 5U);
  ASSERT_EQ(reading.diagnostics.size(), 3U);
  EXPECT_FALSE(has_error(reading.diagnostics));
  EXPECT_EQ(reading.diagnostics[0].message, "'DNSSD' of hsflowd is not a part of this agent");
}

TEST(HostConfigTest, SaysWhereItIsWrongAndWhatToDo) {
  EXPECT_EQ(complaint_of("sflow {\n  polling = often\n}\n"),
            "error[H0103]: 'often' is no value of 'polling'\n"
            "  --> a.conf:2:13\n"
            "  2 |   polling = often\n"
            "    |             ^^^^^\n"
            "  help: write a number from 0 to 3600\n\n");
  EXPECT_EQ(complaint_of("sflow {\n  colector { ip=192.0.2.1 }\n}\n"),
            "error[H0102]: 'colector' is nothing that can be set here\n"
            "  --> a.conf:2:3\n"
            "  2 |   colector { ip=192.0.2.1 }\n"
            "    |   ^^^^^^^^\n"
            "  help: did you mean 'collector'?\n\n");
  EXPECT_EQ(complaint_of("sflow {\n  pcap { }\n}\n"),
            "error[H0105]: 'pcap' does not say enough\n"
            "  --> a.conf:2:3\n"
            "  2 |   pcap { }\n"
            "    |   ^^^^\n"
            "  help: write pcap { dev=eth0 }, or pcap { speed=1G- } for all of a speed\n\n");
}

TEST(HostConfigTest, RefusesWhatCannotBe) {
  struct Case {
    std::string_view text;
    std::string_view code;
    std::string_view help;
  };
  for (const Case& wrong : {
           Case{"", "H0101", "write sflow { ... }"},
           Case{"# nothing\n", "H0101", "write sflow { ... }"},
           Case{"sflow {", "H0101", "close it with '}'"},
           Case{"sflow { nvml { ", "H0101", "close it with '}'"},
           Case{"sflow { } }", "H0101", "take the '}' away"},
           Case{"sflow { { } }", "H0101", "write its name before '{'"},
           Case{"polling = 20", "H0102", "the blocks that can be here are: sflow"},
           Case{"sflow { polling }", "H0101", "write polling = VALUE"},
           Case{"sflow { sampling=-1 }", "H0103", "from 0 to 16777216"},
           Case{"sflow { sampling.10G=x }", "H0103", "from 0 to 16777216"},
           Case{"sflow { polling.http=x }", "H0103", "from 0 to 16777216"},
           Case{"sflow { collector { polling.http=1 } }", "H0102", ""},
           Case{"sflow { headerBytes=257 }", "H0103", "from 14 to 256"},
           Case{"sflow { headerBytes=13 }", "H0103", "from 14 to 256"},
           Case{"sflow { polling=2x }", "H0103", "from 0 to 3600"},
           Case{"sflow { polling=2Z }", "H0103", "from 0 to 3600"},
           Case{"sflow { polling=2KK }", "H0103", "from 0 to 3600"},
           Case{"sflow { subAgentId=20000000P }", "H0103", "from 0 to"},
           Case{"sflow { samplingDirection= }", "H0101", "write samplingDirection = VALUE"},
           Case{"sflow { uuid=000102030405060708090a0b0c0d0exx }", "H0103", "32 hexadecimal"},
           Case{"sflow { agent.cidr=here/24 }", "H0103", "such as 192.0.2.0/24"},
           Case{"sflow { pcap { speed=x } }", "H0103", "such as 10G or 1G-10G"},
           Case{"sflow { pcap { speed=1G-x } }", "H0103", "such as 10G or 1G-10G"},
           Case{"sflow { polling.=1 }", "H0102", ""},
           Case{"sflow { agent.cidr=192.0.2.1/33 }", "H0103", "such as 192.0.2.0/24"},
           Case{"sflow { agent.cidr=192.0.2.1 }", "H0103", "such as 192.0.2.0/24"},
           Case{"sflow { samplingDirection=up }", "H0103", "in, out or both"},
           Case{"sflow { uuid=12 }", "H0103", "32 hexadecimal digits"},
           Case{"sflow { collector { ip=192.0.2.300 } }", "H0103", "an address or a name"},
           Case{"sflow { collector { } }", "H0105", "collector { ip=192.0.2.1 }"},
           Case{"sflow { collector { ip=192.0.2.1 udpport=70000 } }", "H0103", "from 1 to 65535"},
           Case{"sflow { pcap { speed=10G-1G } }", "H0103", "such as 10G or 1G-10G"},
           Case{"sflow { pcap { dev=eth0 promisc=yes } }", "H0103", "on or off"},
       }) {
    SCOPED_TRACE(wrong.text);
    const auto reading = read_config(wrong.text, "a.conf");
    const auto error =
        std::ranges::find(reading.diagnostics, Severity::kError, &Diagnostic::severity);
    ASSERT_NE(error, reading.diagnostics.end());
    EXPECT_EQ(error->code, wrong.code);
    EXPECT_THAT(error->help, HasSubstr(std::string(wrong.help)));
  }
}

TEST(HostConfigTest, EveryTruncationIsReadOrRefused) {
  const std::string text =
      "sflow { polling=30 sampling.10G=10000 collector { ip=192.0.2.1 udpport=1 } pcap { dev=a } }";
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(has_error(read_config(text.substr(0, size), "a").diagnostics)) << size;
  }
  EXPECT_FALSE(has_error(read_config(text, "a").diagnostics));
}

TEST(HostConfigTest, SamplesTheFasterTheRarer) {
  constexpr std::uint64_t kGiga = 1'000'000'000;
  const Config plain = config_of("sflow { pcap { dev=eth0 } }");
  EXPECT_EQ(sampling_rate(plain, plain.sampled[0], 0), 400U);
  EXPECT_EQ(sampling_rate(plain, plain.sampled[0], 10'000'000), 100U);
  EXPECT_EQ(sampling_rate(plain, plain.sampled[0], kGiga), 1000U);
  EXPECT_EQ(sampling_rate(plain, plain.sampled[0], 10 * kGiga), 10000U);
  const Config said = config_of(
      "sflow { sampling=300 sampling.1G=50 pcap { dev=eth0 } pcap { dev=b sampling=7 } }");
  EXPECT_EQ(sampling_rate(said, said.sampled[0], 0), 300U);
  EXPECT_EQ(sampling_rate(said, said.sampled[0], kGiga), 50U);
  EXPECT_EQ(sampling_rate(said, said.sampled[0], 10 * kGiga), 300U);
  EXPECT_EQ(sampling_rate(said, said.sampled[1], kGiga), 7U);
  const Config ratio = config_of("sflow { sampling.bps_ratio=100000 pcap { dev=eth0 } }");
  EXPECT_EQ(sampling_rate(ratio, ratio.sampled[0], kGiga), 10000U);
  EXPECT_EQ(sampling_rate(ratio, ratio.sampled[0], 1000), 1U);
  const Config off = config_of("sflow { sampling=0 sampling.1G=0 pcap { dev=eth0 } }");
  EXPECT_EQ(sampling_rate(off, off.sampled[0], 0), 0U);
  EXPECT_EQ(sampling_rate(off, off.sampled[0], kGiga), 0U);
  const Config none = config_of("sflow { sampling.bps_ratio=0 pcap { dev=eth0 } }");
  EXPECT_EQ(sampling_rate(none, none.sampled[0], kGiga), 400U);
}

}  // namespace
}  // namespace fabrix::host
