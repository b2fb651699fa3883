#include "agent/cgroup_reader.h"

#include <filesystem>

#include "tests/agent/world.h"

namespace fabrix::agent {
namespace {

TEST(CgroupReaderTest, FindsServicesAndContainers) {
  const io::testing::TemporaryDirectory mount;
  testing::make_cgroups(mount.path());
  const auto found = list_cgroups(mount.path());
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->at("system.slice/web.service").name, "web.service");
  const auto texts = read_cgroup(mount.path(), "system.slice/web.service");
  EXPECT_EQ(texts.memory_current, "4096\n");
  EXPECT_EQ(texts.memory_max, "8192\n");
  EXPECT_TRUE(texts.cpu_stat.starts_with("usage_usec 7000000"));
  EXPECT_TRUE(texts.io_stat.value().starts_with("8:0 rbytes=1"));
}

TEST(CgroupReaderTest, OneThatIsGoneIsEmpty) {
  const io::testing::TemporaryDirectory mount;
  const auto texts = read_cgroup(mount.path(), "gone.service");
  EXPECT_EQ(texts.cpu_stat, "");
  EXPECT_EQ(texts.io_stat, std::nullopt);
}

TEST(CgroupReaderTest, SaysThatItIsVersionOne) {
  const io::testing::TemporaryDirectory mount;
  std::filesystem::create_directory(mount / "memory");
  const auto found = list_cgroups(mount.path());
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("version 1, which are not read"), std::string::npos);
  // Beside it, for what version 1 does not count.
  std::filesystem::create_directory(mount / "unified");
  const std::ofstream controllers(mount / "unified/cgroup.controllers");
  EXPECT_NE(list_cgroups(mount.path()).error().message.find("unified }"), std::string::npos);
  EXPECT_TRUE(list_cgroups(mount / "unified"));
}

TEST(CgroupReaderTest, SaysThatThereIsNothing) {
  const io::testing::TemporaryDirectory mount;
  const auto found = list_cgroups(mount / "none");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("no control groups of version 2"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::agent
