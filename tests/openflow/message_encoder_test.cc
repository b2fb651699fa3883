// Golden octets, and the opinion of ovs-ofctl on what we write.
#include <string>

#include <gtest/gtest.h>

#include "openflow/message.h"
#include "openflow/nicira.h"
#include "tests/openflow/private_ovs.h"
#include "tests/openflow/sample_messages.h"

namespace fabrix::openflow {
namespace {

std::string hex(std::span<const std::byte> octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte octet : octets) {
    text += kDigits[std::to_integer<unsigned>(octet) >> 4U];
    text += kDigits[std::to_integer<unsigned>(octet) & 15U];
  }
  return text;
}

std::string hex(Body body, Version version = Version::kOpenFlow14) {
  return hex(tests::encoded({.version = version, .xid = 1, .body = std::move(body)}));
}

// What ovs-ofctl understands.
std::string printed(const std::string& octets) {
  return fabrix::tests::run_program({"ovs-ofctl", "ofp-print", octets}).output;
}

TEST(MessageEncoderTest, WritesWhatTheStandardDraws) {
  EXPECT_EQ(hex(Hello{.versions = 0x30}),
            "05000010"
            "00000001"
            "00010008"
            "00000030");
  EXPECT_EQ(hex(BarrierRequest{}, Version::kOpenFlow13),
            "04140008"
            "00000001");
  EXPECT_EQ(hex(SetConfig{}),
            "0509000c"
            "00000001"
            "0000ffff");
  EXPECT_EQ(hex(RoleRequest{.role = Role::kMaster, .generation_id = 5}),
            "05180018"
            "00000001"
            "00000002"
            "00000000"
            "0000000000000005");
  EXPECT_EQ(hex(BundleControl{.bundle_id = 7, .type = BundleControlType::kCommitRequest}),
            "05210010"
            "00000001"
            "00000007"
            "0004"
            "0003");
  EXPECT_EQ(hex(PortDescRequest{}),
            "05120010"
            "00000001"
            "000d"
            "0000"
            "00000000");
}

TEST(MessageEncoderTest, WritesAFlowModAsTheStandardDrawsIt) {
  FlowMod mod{.command = FlowCommand::kDeleteStrict,
              .table_id = 2,
              .priority = 0x1234,
              .cookie = 0x0102030405060708,
              .cookie_mask = 0xffff000000000000,
              .idle_timeout = 3,
              .hard_timeout = 4,
              .flags = kResetCounts,
              .importance = 6,
              .match = {},
              .instructions = {}};
  mod.match.set(OxmField::kEthDst, 0x020000000001, 0xffff00000000);
  mod.instructions = {.apply_actions = {to_controller()},
                      .write_metadata = WriteMetadata{.value = 0x10, .mask = 0xf0},
                      .goto_table = 5,
                      .opaque = {}};
  EXPECT_EQ(hex(mod),
            "050e0080"
            "00000001"
            "0102030405060708"
            "ffff000000000000"
            "02"
            "04"
            "0003"
            "0004"
            "1234"
            "ffffffff"
            "ffffffff"
            "ffffffff"
            "0004"
            "0006"
            "0001"
            "0014"
            "8000070c"
            "020000000000"
            "ffff00000000"
            "00000000"
            "0004"
            "0018"
            "00000000"
            "0000"
            "0010"
            "fffffffd"
            "ffff"
            "000000000000"
            "0002"
            "0018"
            "00000000"
            "0000000000000010"
            "00000000000000f0"
            "0001"
            "0008"
            "05"
            "000000");
}

TEST(MessageEncoderTest, OvsOfctlSeesEveryFieldAsItIsMeant) {
  if (!fabrix::tests::is_installed("ovs-ofctl")) GTEST_SKIP() << "ovs-ofctl is not installed";
  const struct {
    OxmField field;
    const char* text;
  } cases[] = {
      {OxmField::kInPort, "in_port=3"},
      {OxmField::kMetadata, "metadata=0x123456789abcd1"},
      {OxmField::kEthDst, "dl_dst=34:56:78:9a:bc:d1"},
      {OxmField::kEthSrc, "dl_src=34:56:78:9a:bc:d1"},
      {OxmField::kEthType, "dl_type=0x88cc"},
      {OxmField::kVlanVid, "dl_vlan=100"},
      {OxmField::kVlanPcp, "dl_vlan=5,dl_vlan_pcp=1"},
      {OxmField::kIpDscp, "ip,nw_tos=68"},
      {OxmField::kIpProto, "ip,nw_proto=89"},
      {OxmField::kIpv4Src, "ip,nw_src=120.154.188.209"},
      {OxmField::kIpv4Dst, "ip,nw_dst=120.154.188.209"},
      {OxmField::kTcpSrc, "tcp,tp_src=48337"},
      {OxmField::kTcpDst, "tcp,tp_dst=48337"},
      {OxmField::kUdpSrc, "udp6,tp_src=48337"},
      {OxmField::kUdpDst, "udp6,tp_dst=48337"},
      {OxmField::kSctpSrc, "sctp,tp_src=48337"},
      {OxmField::kSctpDst, "sctp,tp_dst=48337"},
      {OxmField::kIcmpv4Type, "icmp,icmp_type=209"},
      {OxmField::kIcmpv4Code, "icmp,icmp_code=209"},
      {OxmField::kArpOp, "arp,arp_op=1"},
      {OxmField::kArpSpa, "arp,arp_spa=120.154.188.209"},
      {OxmField::kArpTpa, "arp,arp_tpa=120.154.188.209"},
      {OxmField::kArpSha, "arp,arp_sha=34:56:78:9a:bc:d1"},
      {OxmField::kIpv6Src, "ipv6,ipv6_src=2001:db8::12:3456:789a:bcd1"},
      {OxmField::kIpv6Dst, "ipv6,ipv6_dst=2001:db8::12:3456:789a:bcd1"},
      {OxmField::kIcmpv6Type, "icmp6,icmp_type=209"},
      {OxmField::kIcmpv6Code, "icmp6,icmp_code=209"},
      {OxmField::kIpv6NdTarget, "icmp_type=135,nd_target=2001:db8::12:3456:789a:bcd1"},
      {OxmField::kTcpFlags, "tcp,tcp_flags=syn|ack"},
      {OxmField::kRegister0, "reg0=0x789abcd1"},
  };
  EXPECT_EQ(std::size(cases), all_oxm_fields().size());
  for (const auto& [field, text] : cases) {
    for (const Version version : {Version::kOpenFlow13, Version::kOpenFlow14}) {
      FlowMod mod;
      mod.match = tests::prerequisites_of(field).set(field, tests::sample_of(field));
      const std::string seen = printed(hex(mod, version));
      EXPECT_NE(seen.find(text), std::string::npos) << text << " in " << seen;
    }
  }
}

TEST(MessageEncoderTest, OvsOfctlSeesMasksInstructionsAndActions) {
  if (!fabrix::tests::is_installed("ovs-ofctl")) GTEST_SKIP() << "ovs-ofctl is not installed";
  FlowMod mod;
  mod.table_id = 1;
  mod.priority = 77;
  mod.cookie = 0xabc;
  mod.match.set(OxmField::kEthDst, 0x020000001000, 0x03fffffff000)
      .set(OxmField::kMetadata, 0x500, 0xff00)
      .set(OxmField::kEthType, 0x0800)
      .set(OxmField::kIpv4Dst, 0x0a000000, 0xff000000)
      .set(OxmField::kIpProto, 6)
      .set(OxmField::kTcpDst, 80, 0xfff0)
      .set(OxmField::kTcpFlags, 2, 0x12);
  mod.instructions = {
      .apply_actions = {SetField{.field = OxmField::kEthDst, .value = 0x020000000007},
                        SetField{.field = OxmField::kIpDscp, .value = 3},
                        Output{.port = net::PortNo{9}}, Output{.port = kPortInPort}},
      .write_metadata = WriteMetadata{.value = 5, .mask = 0xff},
      .goto_table = 3,
      .opaque = {},
      .meter = 9};
  mod.instructions.apply_actions.emplace_back(copy_to_table(0x5003000, 0xfffffff000, 3));
  const std::string seen = printed(hex(mod));
  for (const char* text :
       {"ADD table:1 priority=77", "cookie:0xabc", "metadata=0x500/0xff00", "nw_dst=10.0.0.0/8",
        "dl_dst=02:00:00:00:10:00/03:ff:ff:ff:f0:00", "tp_dst=0x50/0xfff0", "tcp_flags=+syn-ack",
        "set_field:02:00:00:00:00:07->eth_dst", "set_field:3->ip_dscp", "output:9", "IN_PORT",
        "clone(load:0x5003->OXM_OF_METADATA[12..39],resubmit(,3))", "write_metadata:0x5/0xff",
        "goto_table:3", "meter:9"}) {
    EXPECT_NE(seen.find(text), std::string::npos) << text << " in " << seen;
  }
}

TEST(MessageEncoderTest, OvsOfctlUnderstandsEveryMessage) {
  if (!fabrix::tests::is_installed("ovs-ofctl")) GTEST_SKIP() << "ovs-ofctl is not installed";
  const struct {
    Body body;
    const char* text;
  } cases[] = {
      {Hello{.versions = 0x30}, "version bitmap: 0x04, 0x05"},
      {EchoRequest{}, "OFPT_ECHO_REQUEST (OF1.4)"},
      {FeaturesReply{.datapath_id = 0xf1, .buffers = 1, .tables = 254}, "dpid:00000000000000f1"},
      {SetConfig{}, "miss_send_len=65535"},
      {PacketOut{.in_port = net::PortNo{1},
                 .actions = {Output{.port = kPortTable}},
                 .data = tests::some_bytes(60)},
       "in_port=1 actions=TABLE data_len=60"},
      {PortStatus{.reason = PortReason::kDelete, .port = tests::sample_port()}, "DEL: 3(as64500)"},
      {FlowRemoved{.cookie = 3, .reason = 2, .table_id = 1, .packet_count = 7, .byte_count = 8},
       "reason=delete table_id=1 cookie:0x3"},
      {FlowStatsRequest{.table_id = 1}, "OFPST_FLOW request (OF1.4)"},
      {FlowStatsReply{.flows = {tests::sample_stats()}}, "n_packets=7, n_bytes=8"},
      {PortDescReply{.ports = {tests::sample_port()}}, "speed: 10000 Mbps now, 100000 Mbps max"},
      {MeterMod{.meter = limit(7, 10'000, 1'000)},
       "ADD meter=7 kbps burst stats bands=\ntype=drop rate=10000 burst_size=1000"},
      {MeterConfigRequest{}, "OFPST_METER_CONFIG request (OF1.4) (xid=0x1): meter=all"},
      {MeterConfigReply{.meters = {limit(7, 10'000, 1'000)}}, "meter=7 kbps burst stats bands="},
      {MeterStatsRequest{}, "OFPST_METER request (OF1.4) (xid=0x1): meter=all"},
      {MeterStatsReply{.meters = {{.id = 7, .packets = 8, .octets = 9}}},
       "0: packet_count:8 byte_count:9"},
      {GroupMod{.group = tests::sample_group()},
       "ADD group_id=7,type=select,bucket=actions=output:3,"
       "bucket=weight:2,watch_port:4,actions=pop_vlan,output:4"},
      {GroupDescRequest{}, "OFPST_GROUP_DESC request (OF1.4)"},
      {GroupDescReply{.groups = {tests::sample_group()}}, "group_id=7,type=select,bucket="},
      {PortStatsRequest{.port = net::PortNo{3}}, "OFPST_PORT request (OF1.4) (xid=0x1): port_no=3"},
      {PortStatsReply{.ports = {tests::sample_port_stats()}},
       "rx pkts=1, bytes=300, drop=5, errs=0, frame=?, over=?, crc=?\n"
       "           tx pkts=2, bytes=1099511627776, drop=?, errs=0, coll=?"},
      {BarrierRequest{}, "OFPT_BARRIER_REQUEST (OF1.4)"},
      {RoleRequest{.role = Role::kMaster, .generation_id = 77}, "generation_id=77"},
      {BundleControl{.bundle_id = 9, .type = BundleControlType::kOpenRequest},
       "bundle_id=0x9 type=OPEN_REQUEST flags=atomic ordered"},
      {BundleAdd{.bundle_id = 9, .mod = tests::policy_flow(1)},
       "bundle_id=0x9 flags=atomic ordered\nOFPT_FLOW_MOD (OF1.4)"},
      {ErrorMessage{.type = 4, .code = 9}, "OFPBMC_BAD_PREREQ"},
  };
  for (const auto& [body, text] : cases) {
    const std::string seen = printed(hex(body));
    EXPECT_NE(seen.find(text), std::string::npos) << text << " in " << seen;
  }
}

}  // namespace
}  // namespace fabrix::openflow
