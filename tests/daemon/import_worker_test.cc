#include "daemon/import_worker.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

std::string vrps_json(const std::string& prefix, const std::string& aspas = "[]") {
  return R"({"roas":[{"prefix":")" + prefix + R"(","asn":300}],"aspas":)" + aspas + "}";
}

class ImportWorkerTest : public ::testing::Test {
 protected:
  void serve(const std::string& text) {
    write(directory_ / "vrps.json", text);
    look();
  }
  void look() {
    news_.clear();
    worker_.refresh({.caches = {}, .vrps_file = "vrps.json", .slurm_file = {}, .irr = irr_});
  }

  io::testing::TemporaryDirectory directory_;
  io::EventLoop loop_;
  std::vector<ImportNews> news_;
  ImportState state_;
  std::vector<exchange::IrrRule> irr_{2};
  ImportWorker worker_{loop_,
                       directory_.path(),
                       {.on_news = [this](ImportNews news) { news_.push_back(std::move(news)); },
                        .on_state = [this](ImportState state) { state_ = std::move(state); }}};
};

TEST_F(ImportWorkerTest, Rfc6811_5_NewVrpsConcernTheirPrefixesOnly) {
  serve(vrps_json("140.0.0.0/24"));
  ASSERT_FALSE(news_.empty());
  EXPECT_EQ(news_.back().data.vrps->size(), 1U);
  EXPECT_EQ(news_.back().data.irr.size(), 2U);
  EXPECT_EQ(state_.rpki.static_vrps, 1U);
  serve(vrps_json("140.0.0.0/16"));
  ASSERT_EQ(news_.size(), 1U);
  ASSERT_NE(news_[0].changed, nullptr);
  EXPECT_TRUE(news_[0].changed->covers(io::testing::prefix("140.0.7.0/24")));
  EXPECT_FALSE(news_[0].changed->covers(io::testing::prefix("150.0.0.0/24")));
  look();
  EXPECT_TRUE(news_.empty()) << "nothing has changed";
}

TEST_F(ImportWorkerTest, NewAspasConcernNoPrefixByThemselves) {
  serve(vrps_json("140.0.0.0/24"));
  serve(vrps_json("140.0.0.0/24", R"([{"customer_asid":1,"providers":[2]}])"));
  ASSERT_EQ(news_.size(), 1U);
  EXPECT_EQ(news_[0].data.aspas->size(), 1U);
  ASSERT_NE(news_[0].changed, nullptr);
  EXPECT_TRUE(news_[0].changed->empty());
}

TEST_F(ImportWorkerTest, NewIrrSetsConcernEveryRoute) {
  serve(vrps_json("140.0.0.0/24"));
  write(directory_ / "B.json", R"({"NN": [{"prefix": "150.0.0.0/24", "exact": true}]})");
  irr_[1].prefixes_file = "B.json";
  look();
  ASSERT_EQ(news_.size(), 1U);
  EXPECT_EQ(news_[0].changed, nullptr);
  EXPECT_NE(news_[0].data.irr[1], nullptr);
}

TEST_F(ImportWorkerTest, ABadFileIsAProblemAndNoNews) {
  serve(vrps_json("140.0.0.0/24"));
  serve("{");
  EXPECT_TRUE(news_.empty());
  EXPECT_EQ(state_.problems.size(), 1U);
  serve(vrps_json("140.0.0.0/24") + " ");
  EXPECT_TRUE(state_.problems.empty());
}

TEST_F(ImportWorkerTest, TheSourcesAreThoseOfPresentParticipants) {
  exchange::Exchange exchange =
      loaded(two_members("    import: {irr: {prefixes_file: B.json}}\n", ", rpki: {vrps_file: v}"));
  EXPECT_EQ(sources_of(exchange).vrps_file, "v");
  EXPECT_EQ(sources_of(exchange).irr.at(1).prefixes_file, "B.json");
  exchange.participants[1].present = false;
  EXPECT_EQ(sources_of(exchange).irr.at(1).prefixes_file, "");
}

}  // namespace
}  // namespace fabrix::daemon
