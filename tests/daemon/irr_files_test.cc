#include "daemon/irr_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/import_worker.h"
#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using routeserver::LongerPrefixes;
using ::testing::HasSubstr;

const std::string kBoth =
    "    import: {irr: {prefixes_file: B.json, origins_file: B.origins.json}}\n";
const std::string kPrefixes = R"({"NN": [{"prefix": "140.0.0.0/24", "exact": true}]})";
const std::string kOrigins = R"({"NN": [200, 201]})";

class IrrFilesTest : public ::testing::Test {
 protected:
  bool allows(const std::string& prefix) const {
    const auto& set = files_.sets().at(1);
    return set != nullptr && set->allows(io::testing::prefix(prefix), LongerPrefixes::kRefused);
  }
  bool allows(std::uint32_t asn) const {
    const auto& set = files_.sets().at(1);
    return set != nullptr && set->allows(net::Asn{asn});
  }

  io::testing::TemporaryDirectory directory_;
  exchange::Exchange exchange_ = loaded(two_members(kBoth));
  IrrFiles files_{directory_.path()};
};

TEST_F(IrrFilesTest, PutsAMembersFilesTogether) {
  write(directory_ / "B.json", kPrefixes);
  write(directory_ / "B.origins.json", kOrigins);
  EXPECT_TRUE(files_.read(sources_of(exchange_).irr));
  EXPECT_TRUE(files_.problems().empty());
  EXPECT_EQ(files_.sets().at(0), nullptr);
  EXPECT_TRUE(allows("140.0.0.0/24"));
  EXPECT_FALSE(allows("150.0.0.0/24"));
  EXPECT_TRUE(allows(201));
  EXPECT_FALSE(allows(300));
  EXPECT_FALSE(files_.read(sources_of(exchange_).irr)) << "nothing has changed";
}

TEST_F(IrrFilesTest, AFileThatTurnsBadLeavesTheLastGoodDataInUse) {
  write(directory_ / "B.json", kPrefixes);
  write(directory_ / "B.origins.json", kOrigins);
  files_.read(sources_of(exchange_).irr);
  write(directory_ / "B.json", "{\"NN\": [\n {\"prefix\": nonsense}]}");
  EXPECT_FALSE(files_.read(sources_of(exchange_).irr));
  ASSERT_EQ(files_.problems().size(), 1U);
  const FileProblem problem = files_.problems().front();
  EXPECT_EQ(problem.diagnostic.code, "C0201");
  EXPECT_EQ(problem.diagnostic.at.line, 2U);
  EXPECT_THAT(problem.text, HasSubstr(directory_ / "B.json:2:"));
  EXPECT_TRUE(allows("140.0.0.0/24"));
  // The other file goes on alone.
  write(directory_ / "B.origins.json", R"({"NN": [400]})");
  EXPECT_TRUE(files_.read(sources_of(exchange_).irr));
  EXPECT_EQ(files_.problems().size(), 1U);
  EXPECT_TRUE(allows("140.0.0.0/24"));
  EXPECT_TRUE(allows(400));
  std::filesystem::remove(directory_ / "B.json");
  EXPECT_FALSE(files_.read(sources_of(exchange_).irr));
  EXPECT_EQ(files_.problems().front().diagnostic.code, "C0202");
  EXPECT_TRUE(allows("140.0.0.0/24"));
}

TEST_F(IrrFilesTest, WithoutGoodDataThereIsNone) {
  write(directory_ / "B.json", "");  // a bgpq4 that failed
  files_.read(sources_of(exchange_).irr);
  EXPECT_EQ(files_.sets().at(1), nullptr);
  EXPECT_EQ(files_.problems().size(), 2U);
}

TEST_F(IrrFilesTest, AConfigurationThatNamesNoFileHasNoData) {
  write(directory_ / "B.json", kPrefixes);
  write(directory_ / "B.origins.json", kOrigins);
  files_.read(sources_of(exchange_).irr);
  EXPECT_TRUE(files_.read(sources_of(loaded(two_members())).irr));
  EXPECT_EQ(files_.sets().at(1), nullptr);
  EXPECT_TRUE(files_.read(sources_of(exchange_).irr));
  EXPECT_TRUE(allows("140.0.0.0/24"));
}

}  // namespace
}  // namespace fabrix::daemon
