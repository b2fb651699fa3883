#include "agent/host_reader.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/command.h"
#include "sflow/record.h"

namespace fabrix::agent {
namespace {

std::uint64_t number(const std::vector<sflow::Record>& records, std::uint32_t format,
                     std::string_view name) {
  const auto tag = sflow::Tag::of(0, format);
  const auto found = std::ranges::find(records, tag, &sflow::Record::tag);
  if (found == records.end()) return 0;
  return std::get<std::uint64_t>(
      sflow::find_field(*sflow::find_counter_schema(tag), found->octets, name).value());
}

std::string said_by(std::vector<std::string> argv) {
  io::CommandOptions options;
  options.process.argv = std::move(argv);
  std::string text = io::run_checked(options).value_or("");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

TEST(HostReaderTest, SaysWhatOtherToolsSay) {
  const HostReading known{
      .names = read_names({}), .adapters = {}, .network = {.in_octets = 7}, .nodes = 0};
  EXPECT_EQ(known.names.name, said_by({"uname", "-n"}));
  EXPECT_EQ(known.names.release, said_by({"uname", "-r"}));
  EXPECT_EQ(known.names.machine, said_by({"uname", "-m"}));
  const auto records = read_host(known);
  EXPECT_EQ(records.size(), 10U);
  EXPECT_EQ(std::to_string(number(records, 2003, "cpu_num")),
            said_by({"getconf", "_NPROCESSORS_ONLN"}));
  EXPECT_GT(number(records, 2003, "cpu_uptime"), 0U);
  const host::HostSize size = read_size();
  EXPECT_EQ(std::to_string(size.cpus), said_by({"getconf", "_NPROCESSORS_ONLN"}));
  // The kernel keeps some of its memory to itself.
  EXPECT_LE(number(records, 2004, "mem_total"), size.memory + size.memory / 4);
  EXPECT_GE(number(records, 2004, "mem_total"), size.memory - size.memory / 4);
  EXPECT_GE(number(records, 2005, "disk_total"), number(records, 2005, "disk_free"));
  EXPECT_LE(number(records, 2005, "disk_partition_max_used"), 10000U);
  EXPECT_EQ(number(records, 2006, "nio_bytes_in"), 7U);
  EXPECT_GT(number(records, 2007, "ipDefaultTTL"), 0U);
  EXPECT_EQ(number(records, 2009, "tcpRtoMin"), 200U);  // linux include/net/tcp.h: TCP_RTO_MIN
}

TEST(HostReaderTest, WithNodesItIsANode) {
  EXPECT_EQ(number(read_host({.names = {}, .adapters = {}, .network = {}, .nodes = 3}), 2100,
                   "vnode_num_domains"),
            3U);
}

TEST(HostReaderTest, TheConfigurationNamesTheHost) {
  host::Config config;
  config.host_name = "web1";
  config.uuid = host::uuid_of("000102030405060708090a0b0c0d0e0f");
  const host::HostNames names = read_names(config);
  EXPECT_EQ(names.name, "web1");
  EXPECT_EQ(names.uuid, *config.uuid);
}

}  // namespace
}  // namespace fabrix::agent
