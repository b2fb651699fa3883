#include "host/host_records.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sflow/record.h"

namespace fabrix::host {
namespace {

using ::testing::ElementsAre;

std::uint64_t number(const sflow::Record& record, std::string_view name) {
  const auto value =
      sflow::find_field(*sflow::find_counter_schema(record.tag), record.octets, name);
  EXPECT_TRUE(value && std::holds_alternative<std::uint64_t>(*value)) << name;
  return value ? std::get<std::uint64_t>(*value) : 0;
}
float real(const sflow::Record& record, std::string_view name) {
  return std::get<float>(
      sflow::find_field(*sflow::find_counter_schema(record.tag), record.octets, name).value());
}
std::string text(const sflow::Record& record, std::string_view name) {
  return std::string(sflow::as_text(std::get<sflow::Bytes>(
      sflow::find_field(*sflow::find_counter_schema(record.tag), record.octets, name).value())));
}

// Recorded on a machine with Linux 6.18, shortened.
constexpr std::string_view kStat =
    "cpu  3841908 22334 418964 580496 6209 1 7000 226656 5 6\n"
    "cpu0 956879 6068 105717 146719 1597 0 2270 57895 0 0\n"
    "cpu1 966011 5409 102378 143270 1783 0 1478 55142 0 0\n"
    "intr 18808078 0 0 0 1 1 373\n"
    "ctxt 15255495\n"
    "btime 1795313730\n"
    "processes 210030\n"
    "procs_running 6\n";

TEST(HostRecordsTest, SaysWhatTheProcessorsDid) {
  const auto record = cpu_record({.stat = kStat,
                                  .loadavg = "3.99 3.33 0.16 6/128 15309\n",
                                  .uptime = "12600.96 5804.96\n",
                                  .cpuinfo = "processor\t: 0\ncpu MHz\t\t: 2100.000\n"});
  EXPECT_EQ(record.tag, sflow::Tag::of(0, 2003));
  EXPECT_EQ(record.octets.size(), 80U);  // sflow_host.txt: host_cpu, with steal, guest, guest_nice
  EXPECT_FLOAT_EQ(real(record, "cpu_load_one"), 3.99F);
  EXPECT_FLOAT_EQ(real(record, "cpu_load_fifteen"), 0.16F);
  EXPECT_EQ(number(record, "cpu_proc_run"), 6U);
  EXPECT_EQ(number(record, "cpu_proc_total"), 128U);
  EXPECT_EQ(number(record, "cpu_num"), 2U);
  EXPECT_EQ(number(record, "cpu_speed"), 2100U);
  EXPECT_EQ(number(record, "cpu_uptime"), 12600U);
  EXPECT_EQ(number(record, "cpu_user"), 38419080U);  // ticks of 10 ms
  EXPECT_EQ(number(record, "cpu_nice"), 223340U);
  EXPECT_EQ(number(record, "cpu_system"), 4189640U);
  EXPECT_EQ(number(record, "cpu_idle"), 5804960U);
  EXPECT_EQ(number(record, "cpu_wio"), 62090U);
  EXPECT_EQ(number(record, "cpuintr"), 10U);
  EXPECT_EQ(number(record, "cpu_sintr"), 70000U);
  EXPECT_EQ(number(record, "cpuinterrupts"), 18808078U);
  EXPECT_EQ(number(record, "cpu_contexts"), 15255495U);
  EXPECT_EQ(number(record, "cpu_steal"), 2266560U);
  EXPECT_EQ(number(record, "cpu_guest"), 50U);
  EXPECT_EQ(number(record, "cpu_guest_nice"), 60U);
}

TEST(HostRecordsTest, SaysWhatTheMemoryHolds) {
  const auto record = memory_record(
      "MemTotal:       24731284 kB\nMemFree:        10009776 kB\nMemAvailable:   23049236 kB\n"
      "Buffers:          300656 kB\nCached:         12565140 kB\nSwapCached:            7 kB\n"
      "SwapTotal:          2048 kB\nSwapFree:           1024 kB\nShmem:              8856 kB\n",
      "pgpgin 2302029\npgpgout 105112088\npswpin 3\npswpout 4\n");
  EXPECT_EQ(record.octets.size(), 72U);
  EXPECT_EQ(number(record, "mem_total"), 24731284ULL * 1024);
  EXPECT_EQ(number(record, "mem_free"), 10009776ULL * 1024);
  EXPECT_EQ(number(record, "mem_shared"), 8856ULL * 1024);
  EXPECT_EQ(number(record, "mem_buffers"), 300656ULL * 1024);
  EXPECT_EQ(number(record, "mem_cached"), 12565140ULL * 1024);
  EXPECT_EQ(number(record, "swap_total"), 2048ULL * 1024);
  EXPECT_EQ(number(record, "swap_free"), 1024ULL * 1024);
  EXPECT_EQ(number(record, "page_in"), 2302029U);
  EXPECT_EQ(number(record, "page_out"), 105112088U);
  EXPECT_EQ(number(record, "swap_in"), 3U);
  EXPECT_EQ(number(record, "swap_out"), 4U);
}

TEST(HostRecordsTest, CountsADiskOnceAndNotItsPartitions) {
  const auto record = disk_record(
      "   7       0 loop0 9 9 9 9 9 9 9 9 0 0 0\n"
      " 254       0 vda 100 1 2000 30 400 2 8000 50 0 60 80 0 0 0 0 0 0\n"
      " 254       1 vda1 90 1 1900 29 390 2 7900 49 0 60 80 0 0 0 0 0 0\n"
      " 254      16 vdb 1 0 10 2 3 0 20 4 0 6 8\n",
      {"vda", "vdb"},
      std::vector<Space>{{.octets = 1000, .free = 250}, {.octets = 500, .free = 400}});
  EXPECT_EQ(number(record, "disk_total"), 1500U);
  EXPECT_EQ(number(record, "disk_free"), 650U);
  EXPECT_EQ(number(record, "disk_partition_max_used"), 7500U);
  EXPECT_EQ(number(record, "disk_reads"), 101U);
  EXPECT_EQ(number(record, "disk_bytes_read"), 2010U * 512);
  EXPECT_EQ(number(record, "disk_read_time"), 32U);
  EXPECT_EQ(number(record, "disk_writes"), 403U);
  EXPECT_EQ(number(record, "disk_bytes_written"), 8020U * 512);
  EXPECT_EQ(number(record, "disk_write_time"), 54U);
}

TEST(HostRecordsTest, MountsOfOneDeviceAreOne) {
  EXPECT_THAT(local_mounts("proc /proc proc rw 0 0\n/dev/vda / ext4 rw 0 0\n"
                           "/dev/vda /run/netns ext4 rw 0 0\n/dev/loop0 /snap squashfs ro 0 0\n"
                           "tmpfs /tmp tmpfs rw 0 0\n/dev/vdb1 /home ext4 rw 0 0\n"),
              ElementsAre("/", "/home"));
}

// Recorded likewise: Linux has more than the MIB, and in another order.
constexpr std::string_view kSnmp =
    "Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos "
    "InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds ReasmOKs "
    "ReasmFails FragOKs FragFails FragCreates OutTransmits\n"
    "Ip: 2 64 573637 1 2 3 4 5 573638 570288 6 7 8 9 10 11 12 13 14 570289\n"
    "Icmp: InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs "
    "InRedirects InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps "
    "OutMsgs OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds "
    "OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps OutTimestampReps "
    "OutAddrMasks OutAddrMaskReps\n"
    "Icmp: 1 2 99 4 5 6 7 8 9 10 11 98 13 14 15 16 97 96 17 18 19 20 21 22 23 24 25 26 27\n"
    "IcmpMsg: InType3\nIcmpMsg: 2\n"
    "Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets "
    "CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors\n"
    "Tcp: 1 200 120000 -1 1471 1279 170 1226 3 27244 25929 67 4 784 5\n"
    "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors "
    "IgnoredMulti MemErrors\n"
    "Udp: 12978 1 533509 546489 533510 2 3 0 0\n";

TEST(HostRecordsTest, SaysTheGroupsOfTheMib) {
  const auto records = mib2_records(kSnmp);
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(number(records[0], "ipForwarding"), 2U);
  EXPECT_EQ(number(records[0], "ipDefaultTTL"), 64U);
  EXPECT_EQ(number(records[0], "ipForwDatagrams"), 3U);
  EXPECT_EQ(number(records[0], "ipFragCreates"), 14U);
  EXPECT_EQ(records[1].octets.size(), 100U);
  EXPECT_EQ(number(records[1], "icmpInErrors"), 2U);
  EXPECT_EQ(number(records[1], "icmpInDestUnreachs"), 4U);
  EXPECT_EQ(number(records[1], "icmpInParamProbs"), 6U);
  EXPECT_EQ(number(records[1], "icmpInAddrMaskReps"), 14U);
  EXPECT_EQ(number(records[1], "icmpOutDestUnreachs"), 17U);
  EXPECT_EQ(number(records[1], "icmpOutParamProbs"), 19U);
  EXPECT_EQ(number(records[1], "icmpOutAddrMaskReps"), 27U);
  EXPECT_EQ(number(records[2], "tcpRtoMax"), 120000U);
  EXPECT_EQ(number(records[2], "tcpMaxConn"), 0xffffffffU);
  EXPECT_EQ(number(records[2], "tcpRetransSegs"), 67U);
  EXPECT_EQ(number(records[2], "tcpInCsumErrors"), 5U);
  EXPECT_EQ(number(records[3], "udpInErrors"), 533509U);
  EXPECT_EQ(number(records[3], "udpInCsumErrors"), 3U);
}

TEST(HostRecordsTest, SaysWhoTheHostIs) {
  const auto record = host_record({.name = "web1",
                                   .uuid = uuid_of("3d1219c7c4c5404aaa1f6d2a48adfda4").value(),
                                   .machine = "x86_64",
                                   .release = "6.18.44-fc-v657-and-more-than-there-is-room"});
  EXPECT_EQ(text(record, "hostname"), "web1");
  EXPECT_EQ(number(record, "machine_type"), 3U);
  EXPECT_EQ(number(record, "os_name"), 2U);
  EXPECT_EQ(text(record, "os_release"), "6.18.44-fc-v657-and-more-than-th");
  EXPECT_EQ(text(record, "UUID").substr(0, 3), "\x3d\x12\x19");
  EXPECT_EQ(number(host_record({.name = "", .uuid = {}, .machine = "aarch64", .release = ""}),
                   "machine_type"),
            10U);
}

TEST(HostRecordsTest, ListsAdaptersUpToABound) {
  const net::MacAddress mac({2, 0, 0, 0, 0, 7});
  const auto record = adapters_record(std::vector<Adapter>{{.index = 5, .mac = mac}});
  EXPECT_EQ(number(record, "adaptors"), 1U);
  EXPECT_EQ(number(record, "adaptor_%_ifIndex"), 5U);
  EXPECT_EQ(text(record, "adaptor_%_MACs"), std::string("\x02\0\0\0\0\x07\0\0", 8));
  EXPECT_EQ(number(adapters_record(std::vector<Adapter>(100)), "adaptors"), kMaxAdapters);
  EXPECT_EQ(number(adapters_record({}), "adaptors"), 0U);
}

TEST(HostRecordsTest, SaysTheRest) {
  const auto network = network_record({.in_octets = std::uint64_t{1} << 40U,
                                       .in_packets = 2,
                                       .in_errors = 3,
                                       .in_drops = 4,
                                       .out_octets = 5,
                                       .out_packets = (std::uint64_t{1} << 32U) + 6,
                                       .out_errors = 7,
                                       .out_drops = 8});
  EXPECT_EQ(number(network, "nio_bytes_in"), std::uint64_t{1} << 40U);
  EXPECT_EQ(number(network, "nio_drops_in"), 4U);
  EXPECT_EQ(number(network, "nio_pkts_out"), 6U);  // wraps
  EXPECT_EQ(number(network, "nio_drops_out"), 8U);
  const auto node = node_record("processor : 0\ncpu MHz : 1800.5\nprocessor : 1\n",
                                "MemTotal: 100 kB\nMemFree: 40 kB\n", 7);
  EXPECT_EQ(number(node, "vnode_mhz"), 1800U);
  EXPECT_EQ(number(node, "vnode_cpus"), 2U);
  EXPECT_EQ(number(node, "vnode_memory"), 102400U);
  EXPECT_EQ(number(node, "vnode_memory_free"), 40960U);
  EXPECT_EQ(number(node, "vnode_num_domains"), 7U);
  EXPECT_EQ(text(port_name_record("eth0"), "ifName"), "eth0");
}

TEST(HostRecordsTest, TextsThatEndEarlyAreNoTrouble) {
  for (const std::string_view whole : {kStat, kSnmp}) {
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const std::string_view part = whole.substr(0, size);
      EXPECT_EQ(cpu_record({.stat = part, .loadavg = part, .uptime = part, .cpuinfo = part})
                    .octets.size(),
                80U);
      EXPECT_EQ(mib2_records(part).size(), 4U);
    }
  }
}

}  // namespace
}  // namespace fabrix::host
