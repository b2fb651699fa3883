// What the tests of io borrow from the world and give back: directories, network namespaces,
// cables.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/addresses.h"
#include "io/event_loop.h"
#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"
#include "net/prefix.h"

namespace fabrix::io::testing {

// Generous: it bounds a failing test, not a passing one.
inline constexpr std::chrono::seconds kPatience{20};

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string text_of(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

inline net::IpAddress ip(const std::string& text) {
  return net::IpAddress::parse(text).value();
}

inline net::Prefix prefix(const std::string& text) {
  return net::Prefix::parse(text).value();
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "fabrix-io-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  TemporaryDirectory(TemporaryDirectory&&) = delete;
  TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// A network namespace with a name of its own, deleted at the end.
class TestNamespace {
 public:
  TestNamespace() : name_("fxt-" + std::to_string(getpid()) + "-" + std::to_string(next++)) {
    const auto created = create_namespace(name_);
    EXPECT_TRUE(created) << created.error().message;
  }
  ~TestNamespace() { EXPECT_TRUE(delete_namespace(name_)); }
  TestNamespace(const TestNamespace&) = delete;
  TestNamespace& operator=(const TestNamespace&) = delete;
  TestNamespace(TestNamespace&&) = delete;
  TestNamespace& operator=(TestNamespace&&) = delete;

  const std::string& name() const { return name_; }
  NetlinkSocket netlink() const { return NetlinkSocket::open(name_).value(); }

 private:
  static inline int next = 0;
  std::string name_;
};

// Skips the test where namespaces cannot be made.
class NamespaceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: creates network namespaces";
  }
};

// Two namespaces, near and far, joined by a cable: eth0 with 192.0.2.1 and 2001:db8::1 at the near
// end, .2 and ::2 at the far end.
class CableTest : public NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    near_.emplace();
    far_.emplace();
    auto netlink = near_->netlink();
    const auto made =
        create_veth(netlink, {.name = "eth0", .mac = near_mac_, .network_namespace = ""},
                    {.name = "eth0", .mac = far_mac_, .network_namespace = far_->name()});
    ASSERT_TRUE(made) << made.error().message;
    configure(*near_, "192.0.2.1", "2001:db8::1");
    configure(*far_, "192.0.2.2", "2001:db8::2");
  }

  static void configure(const TestNamespace& where, const std::string& v4, const std::string& v6) {
    auto netlink = where.netlink();
    ASSERT_TRUE(set_link_up(netlink, "lo"));
    ASSERT_TRUE(set_link_up(netlink, "eth0"));
    ASSERT_TRUE(add_address(netlink, {.link = "eth0", .address = ip(v4), .length = 24}));
    ASSERT_TRUE(add_address(netlink, {.link = "eth0", .address = ip(v6), .length = 64}));
  }

  net::MacAddress near_mac_{{2, 0, 0, 0, 0, 1}};
  net::MacAddress far_mac_{{2, 0, 0, 0, 0, 2}};
  std::optional<TestNamespace> near_;
  std::optional<TestNamespace> far_;
};

}  // namespace fabrix::io::testing
