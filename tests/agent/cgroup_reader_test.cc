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
  EXPECT_TRUE(texts.io_stat.starts_with("8:0 rbytes=1"));
}

TEST(CgroupReaderTest, OneThatIsGoneIsEmpty) {
  const io::testing::TemporaryDirectory mount;
  EXPECT_EQ(read_cgroup(mount.path(), "gone.service").cpu_stat, "");
}

TEST(CgroupReaderTest, SaysThatItIsVersionOne) {
  const io::testing::TemporaryDirectory mount;
  std::filesystem::create_directory(mount / "memory");
  const auto found = list_cgroups(mount.path());
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("version 1, which are not read"), std::string::npos);
}

TEST(CgroupReaderTest, SaysThatThereIsNothing) {
  const io::testing::TemporaryDirectory mount;
  const auto found = list_cgroups(mount / "none");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().message.find("no control groups of version 2"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::agent
