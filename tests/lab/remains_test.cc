#include "lab/remains.h"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/mount.h>

#include "io/namespace.h"
#include "lab/paths.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

namespace fs = std::filesystem;

class RemainsTest : public testing::LabWorld {
 protected:
  void SetUp() override {
    LabWorld::SetUp();
    if (!is_root()) GTEST_SKIP() << "needs root";
  }

  static bool exists(const std::string& name) {
    return std::ranges::binary_search(io::list_namespaces(), name);
  }
};

TEST_F(RemainsTest, OneHoldsTheClaimAndItsFileGoesWithIt) {
  {
    const auto claim = Claim::take(name_);
    ASSERT_TRUE(claim) << claim.error().message;
    const auto second = Claim::take(name_);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("lab " + name_ + " is being used"), std::string::npos);
    EXPECT_TRUE(Claim::take(name_ + "x")) << "another lab is another matter";
  }
  EXPECT_FALSE(fs::exists(lock_file(name_)));
  EXPECT_TRUE(Claim::take(name_));
}

TEST_F(RemainsTest, RemovesWhatIsOnRecordAndNothingElse) {
  const std::string ours = namespace_name(name_, "a1");
  // Begins as ours do, and belongs to another lab.
  const std::string neighbour = namespace_name(name_ + "-b", "a1");
  ASSERT_TRUE(make_directory(name_, {ours, namespace_name(name_, "never-made")}));
  ASSERT_TRUE(record_source(name_, "/labs/x"));
  ASSERT_TRUE(io::create_namespace(ours));
  ASSERT_TRUE(io::create_namespace(neighbour));
  EXPECT_EQ(recorded_namespaces(name_).size(), 2U);
  EXPECT_EQ(recorded_source(name_).value(), "/labs/x");
  EXPECT_EQ(present_labs(), std::vector{name_});

  const auto removed = remove_remains(name_);
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(exists(ours));
  EXPECT_TRUE(exists(neighbour));
  EXPECT_FALSE(fs::exists(lab_directory(name_)));
  EXPECT_TRUE(present_labs().empty());
  EXPECT_TRUE(remove_remains(name_)) << "again is fine";
  EXPECT_FALSE(recorded_source(name_));
  EXPECT_TRUE(io::delete_namespace(neighbour));
}

TEST_F(RemainsTest, RemovesNamedNamespacesOfARunWhoseDirectoryWasLost) {
  const std::string ours = namespace_name(name_, "a1");
  ASSERT_TRUE(io::create_namespace(ours));
  EXPECT_TRUE(remove_remains(name_, {ours}));
  EXPECT_FALSE(exists(ours));
}

TEST_F(RemainsTest, KnowsTheFabricOfALab) {
  EXPECT_EQ(recorded_fabric(name_), exchange::FabricType::kLinux);
  ASSERT_TRUE(make_directory(name_, {}));
  for (const auto fabric : {exchange::FabricType::kOpenFlow, exchange::FabricType::kLinux}) {
    ASSERT_TRUE(record_fabric(name_, fabric));
    EXPECT_EQ(recorded_fabric(name_), fabric);
  }
}

TEST_F(RemainsTest, RemovesThePinnedFabric) {
  ASSERT_TRUE(make_directory(name_, {}));
  fs::create_directories(pin_directory(name_));
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(mount("bpf", pin_directory(name_).c_str(), "bpf", 0, nullptr), 0);
  }
  const auto removed = remove_remains(name_);
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(lab_directory(name_)));
}

TEST_F(RemainsTest, NamesOfOthersOnRecordAreNotBelieved) {
  ASSERT_TRUE(make_directory(name_, {"fx-somebody-else"}));
  EXPECT_TRUE(recorded_namespaces(name_).empty());
}

}  // namespace
}  // namespace fabrix::lab
