#include "host/cgroup.h"

#include <gtest/gtest.h>

#include "sflow/record.h"

namespace fabrix::host {
namespace {

constexpr std::string_view kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

std::string name_of(const std::string& path) {
  const auto node = node_of(path);
  if (!node) return "";
  return (node->kind == VirtualNode::Kind::kService ? "service " : "container ") + node->name;
}

TEST(CgroupTest, KnowsServicesAndContainers) {
  const std::string id(kId);
  EXPECT_EQ(name_of("system.slice/nginx.service"), "service nginx.service");
  EXPECT_EQ(name_of("system.slice/system-getty.slice/getty@tty1.service"),
            "service getty@tty1.service");
  EXPECT_EQ(name_of("system.slice/docker-" + id + ".scope"), "container docker-0123456789ab");
  EXPECT_EQ(name_of("machine.slice/libpod-" + id + ".scope"), "container libpod-0123456789ab");
  EXPECT_EQ(name_of("kubepods.slice/kubepods-pod1.slice/cri-containerd-" + id + ".scope"),
            "container cri-containerd-0123456789ab");
  EXPECT_EQ(name_of("docker/" + id), "container docker-0123456789ab");
  EXPECT_EQ(name_of("kubepods/burstable/pod12/" + id), "container k8s-0123456789ab");
  EXPECT_EQ(name_of(id), "container container-0123456789ab");
  EXPECT_EQ(name_of("lxc.payload.web"), "container lxc-web");
}

TEST(CgroupTest, KnowsWhatIsNeither) {
  const std::string id(kId);
  for (const std::string& path :
       {std::string(), std::string("/"), std::string("//"), std::string("system.slice"),
        std::string("init.scope"), std::string("user.slice/user-0.slice/session-1.scope"),
        std::string("docker"), "docker/" + id.substr(1), "system.slice/-" + id + ".scope",
        "machine.slice/libpod-conmon-" + id + ".scope",
        "system.slice/docker.service/" + id,  // a part of the service
        "docker/" + id + "/init.service",     // a part of the container
        "system.slice/docker-" + id + ".scope/inner"}) {
    EXPECT_EQ(name_of(path), "") << path;
  }
}

std::uint64_t number(const sflow::Record& record, std::string_view name) {
  return std::get<std::uint64_t>(
      sflow::find_field(*sflow::find_counter_schema(record.tag), record.octets, name).value());
}

constexpr HostSize kHost{.cpus = 4, .memory = 1'000'000'000};

// As Linux Documentation/admin-guide/cgroup-v2.rst has them.
TEST(CgroupTest, SaysWhatTheKernelCounted) {
  const VirtualNode node{.kind = VirtualNode::Kind::kService, .name = "nginx.service"};
  const CgroupTexts texts{
      .cpu_stat = "usage_usec 2500000\nuser_usec 1500000\nsystem_usec 1000000\nnr_periods 0\n",
      .memory_current = "123456789\n",
      .memory_max = "500000000\n",
      .io_stat =
          "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n"
          "254:16 rbytes=100 wbytes=200 rios=10 wios=20 dbytes=0 dios=0\n",
      .net_dev = ""};
  const auto records = node_records(node, {}, texts, kHost);
  ASSERT_EQ(records.size(), 5U);
  EXPECT_EQ(number(records[1], "parent_dsClass"), 2U);
  EXPECT_EQ(number(records[1], "parent_dsIndex"), 1U);
  EXPECT_EQ(number(records[2], "vcpu_state"), 1U);
  EXPECT_EQ(number(records[2], "vcpu_cpu_mS"), 2500U);
  EXPECT_EQ(number(records[2], "vcpu_cpuCount"), 4U);
  EXPECT_EQ(number(records[3], "vmem_memory"), 123456789U);
  EXPECT_EQ(number(records[3], "vmem_maxMemory"), 500000000U);
  EXPECT_EQ(number(records[4], "vdsk_rd_req"), 11U);
  EXPECT_EQ(number(records[4], "vdsk_rd_bytes"), 4196U);
  EXPECT_EQ(number(records[4], "vdsk_wr_req"), 22U);
  EXPECT_EQ(number(records[4], "vdsk_wr_bytes"), 8392U);
}

// As proc(5) has /proc/PID/net/dev.
TEST(CgroupTest, SaysWhatItsOwnNetworkCounted) {
  const VirtualNode node{.kind = VirtualNode::Kind::kContainer, .name = "docker-0123456789ab"};
  CgroupTexts texts;
  texts.net_dev =
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs "
      "drop "
      "fifo colls carrier compressed\n"
      "    lo:    5000     50    0    0    0     0          0         0     5000      50    0    0 "
      "   "
      "0     0       0          0\n"
      "  eth0: 1000 10 1 2 91 92 93 94 2000 20 3 4 95 96 97 98\n"
      "  eth1: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
      "  eth2:\n";
  const auto records = node_records(node, {}, texts, kHost);
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[3].tag, sflow::Tag::of(0, 2104));
  const auto& schema = *sflow::find_counter_schema(records[3].tag);
  sflow::FieldCursor fields(schema, records[3].octets);
  std::vector<std::uint64_t> values;
  while (const auto field = fields.next()) values.push_back(std::get<std::uint64_t>(field->value));
  EXPECT_EQ(values, (std::vector<std::uint64_t>{1001, 11, 2, 3, 2001, 21, 4, 5}));
}

// Where version 1 has the controllers, and version 2 is beside it.
TEST(CgroupTest, LeavesOutWhatIsNotCounted) {
  const VirtualNode node{.kind = VirtualNode::Kind::kService, .name = "a.service"};
  const CgroupTexts texts{.cpu_stat = "usage_usec 5000\n",
                          .memory_current = "",
                          .memory_max = "",
                          .io_stat = {},
                          .net_dev = ""};
  const auto records = node_records(node, {}, texts, kHost);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(number(records[2], "vcpu_cpu_mS"), 5U);
}

TEST(CgroupTest, WithoutALimitTheHostIsIt) {
  const VirtualNode node{.kind = VirtualNode::Kind::kService, .name = "a.service"};
  const CgroupTexts texts{
      .cpu_stat = "", .memory_current = "0\n", .memory_max = "max\n", .io_stat = "", .net_dev = ""};
  EXPECT_EQ(number(node_records(node, {}, texts, kHost)[3], "vmem_maxMemory"), kHost.memory);
}

TEST(CgroupTest, EachHasAUuidOfItsOwn) {
  const auto uuid = [](const std::string& name, std::byte host) {
    const auto record =
        node_records({.kind = VirtualNode::Kind::kService, .name = name}, Uuid{host}, {}, kHost)[0];
    const auto value =
        sflow::find_field(*sflow::find_counter_schema(record.tag), record.octets, "UUID").value();
    return std::string(sflow::as_text(std::get<sflow::Bytes>(value)));
  };
  EXPECT_EQ(uuid("a", std::byte{1}), uuid("a", std::byte{1}));
  EXPECT_NE(uuid("a", std::byte{1}), uuid("b", std::byte{1}));
  EXPECT_NE(uuid("a", std::byte{1}), uuid("a", std::byte{2}));
}

}  // namespace
}  // namespace fabrix::host
