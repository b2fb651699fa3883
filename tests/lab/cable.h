// Two network namespaces on one cable, 192.0.2.1 and 192.0.2.2, with IPv6 beside it; removed at the
// end. For tests that send something.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"
#include "lab/traffic.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab::testing {

class CableWorld : public LabWorld {
 protected:
  void SetUp() override {
    LabWorld::SetUp();
    if (!is_root()) GTEST_SKIP() << "needs root";
    ASSERT_TRUE(io::create_namespace(left_.network_namespace = "fx-" + name_ + "-left"));
    ASSERT_TRUE(io::create_namespace(right_.network_namespace = "fx-" + name_ + "-right"));
    auto netlink = io::NetlinkSocket::open(left_.network_namespace).value();
    ASSERT_TRUE(io::create_veth(netlink, {.name = "e0"},
                                {.name = "e0", .network_namespace = right_.network_namespace}));
    equip(left_.network_namespace, "1");
    equip(right_.network_namespace, "2");
  }
  void TearDown() override {
    for (const Place* const place : {&left_, &right_}) {
      if (!place->network_namespace.empty()) {
        EXPECT_TRUE(io::delete_namespace(place->network_namespace));
      }
    }
    LabWorld::TearDown();
  }

  static net::IpAddress ip(const std::string& text) { return *net::IpAddress::parse(text); }

  Place left_{.router = "left", .network_namespace = {}};
  Place right_{.router = "right", .network_namespace = {}};

 private:
  static void equip(const std::string& name, const std::string& host) {
    auto netlink = io::NetlinkSocket::open(name).value();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    ASSERT_TRUE(io::set_link_up(netlink, "e0"));
    ASSERT_TRUE(io::add_address(netlink, {"e0", ip("192.0.2." + host), 24}));
    ASSERT_TRUE(io::add_address(netlink, {"e0", ip("2001:db8::" + host), 64}));
  }
};

}  // namespace fabrix::lab::testing
