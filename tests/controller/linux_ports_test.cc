#include "controller/linux_ports.h"

#include "tests/controller/linux_cables.h"

namespace fabrix::controller::tests {
namespace {

class LinuxPortsTest : public LinuxCables {
 protected:
  using News = std::vector<std::pair<std::uint32_t, bool>>;

  static LinuxPorts::OnPort to(News& news) {
    return [&news](net::PortNo port, bool up) { news.emplace_back(port.value, up); };
  }
};

TEST_F(LinuxPortsTest, TakesInterfacesThatComeLater) {
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  const auto datapath = LinuxDatapath::open("").value();
  auto ports = LinuxPorts::open(*datapath, "").value();
  ASSERT_TRUE(ports.set({{net::PortNo{1}, "p1"}, {net::PortNo{9}, "later"}}));
  EXPECT_TRUE(ports.interface_of(net::PortNo{1}));
  EXPECT_FALSE(ports.interface_of(net::PortNo{9}));
  EXPECT_FALSE(ports.interface_of(net::PortNo{2}));
  News news;
  ASSERT_TRUE(ports.look(to(news)));
  EXPECT_EQ(news, (News{{9, false}}));
  auto netlink = fabric_home_.netlink();
  ASSERT_TRUE(io::create_veth(netlink, {.name = "later"}, {.name = "end"}));
  ASSERT_TRUE(io::set_link_up(netlink, "later"));
  ASSERT_TRUE(io::set_link_up(netlink, "end"));
  news.clear();
  ASSERT_TRUE(ports.look(to(news)));
  EXPECT_EQ(news, (News{{9, true}}));
  EXPECT_TRUE(ports.interface_of(net::PortNo{9}));
  EXPECT_EQ(ports.up_count(), 2U);
}

// RFC 4861, RFC 3810: a kernel without an IPv6 address at an interface sends nothing there.
TEST_F(LinuxPortsTest, ThisMachineSaysNothingByItsPorts) {
  const auto speaks_ipv6 = [this](std::uint32_t port) {
    const auto addresses =
        run_in(fabric_home_.name(), {"ip", "-6", "address", "show", "dev", port_name(port)});
    return addresses.text.find("inet6") != std::string::npos;
  };
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  const auto datapath = LinuxDatapath::open("").value();
  auto ports = LinuxPorts::open(*datapath, "").value();
  EXPECT_TRUE(speaks_ipv6(1));
  ASSERT_TRUE(ports.set({{net::PortNo{1}, "p1"}}));
  EXPECT_FALSE(speaks_ipv6(1));
  EXPECT_TRUE(speaks_ipv6(2)) << "which is no port";
  auto netlink = fabric_home_.netlink();
  ASSERT_TRUE(io::set_link_down(netlink, "p1"));
  ASSERT_TRUE(io::set_link_up(netlink, "p1"));
  EXPECT_FALSE(speaks_ipv6(1));
}

TEST_F(LinuxPortsTest, KnowsWhereFramesMayGoStraightIntoTheOtherNamespace) {
  const auto scope = io::NamespaceScope::enter(fabric_home_.name());
  auto netlink = fabric_home_.netlink();
  ASSERT_TRUE(io::create_veth(netlink, {.name = "here"}, {.name = "there"}));
  const auto datapath = LinuxDatapath::open("").value();
  auto ports = LinuxPorts::open(*datapath, "").value();
  ASSERT_TRUE(ports.set({{net::PortNo{1}, "p1"}, {net::PortNo{5}, "here"}}));
  const auto out = [&](std::uint32_t port) {
    return datapath->map("ports_out").value_of<fabrix_out>(port).value().value();
  };
  EXPECT_EQ(out(1).flags, std::uint32_t{FABRIX_OUT_PEER});
  EXPECT_EQ(out(5).flags, 0U);
  EXPECT_NE(out(1).slot, out(5).slot);
  ASSERT_TRUE(ports.set({{net::PortNo{5}, "here"}}));
  EXPECT_FALSE(datapath->map("ports_out").value_of<fabrix_out>(std::uint32_t{1}).value());
  EXPECT_EQ(datapath->map("ports_in").keys().value().size(), 1U);
}

TEST_F(LinuxPortsTest, RefusesMorePortsThanThereIsRoomFor) {
  const auto datapath = LinuxDatapath::open("").value();
  auto ports = LinuxPorts::open(*datapath, "").value();
  std::vector<LinuxPort> many;
  for (std::uint32_t i = 0; i <= FABRIX_MAX_PORTS; ++i) many.push_back({net::PortNo{i + 1}, "x"});
  EXPECT_FALSE(ports.set(many));
}

}  // namespace
}  // namespace fabrix::controller::tests
