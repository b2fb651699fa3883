#include "controller/mrt_dump.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>

#include "io/file.h"
#include "monitoring/mrt_reader.h"
#include "tests/io/world.h"
#include "tests/monitoring/bgpdump.h"
#include "tests/monitoring/world.h"

namespace fabrix::controller {
namespace {

using io::testing::kPatience;
using monitoring::testing::attributes;
using monitoring::testing::route;
using monitoring::testing::session;

class MrtDumpTest : public ::testing::Test {
 protected:
  MrtDumpTest() { table_.sessions = {session(1), session(2)}; }

  void add_routes(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto address = net::IpAddress::v4(
          {20, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i & 0xffU), 0});
      table_.routes[*net::Prefix::containing(address, 24)] = {
          route(1, attributes({64501, i + 1}), "192.0.2.11"),
          route(2, attributes({64502}), "192.0.2.12")};
    }
  }

  MrtDump::OnDone take() {
    return [this](const Result<monitoring::TableDumpCounters>& result) {
      EXPECT_FALSE(result_) << "once";
      result_ = result;
    };
  }
  bool wait() {
    return loop_.run_until([this] { return result_.has_value(); }, kPatience);
  }
  std::size_t files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(directory_.path())) {
      ++count;
    }
    return count;
  }

  io::EventLoop loop_;
  io::testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "rib.mrt";
  monitoring::testing::MemoryTable table_;
  std::optional<Result<monitoring::TableDumpCounters>> result_;
};

TEST_F(MrtDumpTest, WritesTheWholeTable) {
  add_routes(10'000);
  MrtDump dump(loop_, table_, path_, {.collector_id = 7}, take());
  ASSERT_TRUE(wait());
  ASSERT_TRUE(*result_) << result_->error().message;
  EXPECT_EQ(**result_, (monitoring::TableDumpCounters{
                           .peers = 2, .records = 10'000, .routes = 20'000, .left_out = 0}));
  EXPECT_EQ(files(), 1U);
  const std::string content = io::read_file(path_).value();
  monitoring::MrtReader reader(io::testing::bytes_of(content));
  auto expected = table_.routes.begin();
  ASSERT_TRUE(reader.next().value());
  while (const auto record = reader.next().value()) {
    const auto& rib = std::get<monitoring::RibRecord>(record->body);
    ASSERT_EQ(rib.prefix, expected->first);
    ASSERT_EQ(rib.entries.size(), 2U);
    ++expected;
  }
  EXPECT_EQ(expected, table_.routes.end());
}

TEST_F(MrtDumpTest, BgpdumpReadsTheFile) {
  if (!monitoring::testing::has_bgpdump()) GTEST_SKIP() << "bgpdump is not installed";
  add_routes(300);
  MrtDump dump(loop_, table_, path_, {}, take());
  ASSERT_TRUE(wait());
  const std::string content = io::read_file(path_).value();
  const auto first = monitoring::MrtReader(io::testing::bytes_of(content)).next().value();
  std::vector<std::string> wanted;
  for (const auto& [prefix, routes] : table_.routes) {
    for (const auto& one : routes) {
      wanted.push_back(monitoring::testing::bgpdump_rib_line(
          first->time, table_.sessions.at(one.peer.index() - 1), prefix, one));
    }
  }
  EXPECT_EQ(monitoring::testing::bgpdump_file(path_), wanted);
}

TEST_F(MrtDumpTest, TheOldFileStaysUntilTheNewOneIsWhole) {
  ASSERT_TRUE(io::write_file_atomically(path_, "old"));
  add_routes(5'000);
  MrtDump dump(loop_, table_, path_, {}, take());
  while (!loop_.run_until([this] { return result_.has_value(); }, std::chrono::microseconds(1))) {
    if (!result_) {
      const auto now = io::read_file(path_).value();
      EXPECT_TRUE(now == "old" || now.size() > 100'000) << now.size();
    }
  }
  EXPECT_NE(io::read_file(path_).value(), "old");
}

TEST_F(MrtDumpTest, LeavesOthersTheirTurn) {
  add_routes(60'000);
  io::Clock::duration longest{};
  auto last = io::EventLoop::now();
  int turns = 0;
  io::Timer others(loop_, [&] {
    const auto now = io::EventLoop::now();
    longest = std::max(longest, now - last);
    last = now;
    ++turns;
    others.start(std::chrono::milliseconds(0));
  });
  others.start(std::chrono::milliseconds(0));
  MrtDump dump(loop_, table_, path_, {}, take());
  ASSERT_TRUE(wait());
  EXPECT_GT(turns, 20);
  RecordProperty(
      "longest_turn_us",
      static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(longest).count()));
}

TEST_F(MrtDumpTest, SaysThatItCannotWrite) {
  const MrtDump dump(loop_, table_, directory_ / "nowhere/rib.mrt", {}, take());
  ASSERT_TRUE(wait());
  ASSERT_FALSE(*result_);
  EXPECT_NE(result_->error().message.find("No such file or directory"), std::string::npos)
      << result_->error().message;
}

TEST_F(MrtDumpTest, SaysThatItCannotReplaceADirectory) {
  std::filesystem::create_directory(directory_ / "target");
  const MrtDump dump(loop_, table_, directory_ / "target", {}, take());
  ASSERT_TRUE(wait());
  ASSERT_FALSE(*result_);
  EXPECT_NE(result_->error().message.find("rename to"), std::string::npos)
      << result_->error().message;
}

TEST_F(MrtDumpTest, LeavesNothingBehindWhenDestroyed) {
  add_routes(5'000);
  {
    const MrtDump dump(loop_, table_, path_, {}, take());
    for (int i = 0; i < 3; ++i) {
      loop_.run_until([] { return false; }, std::chrono::milliseconds(1));
    }
    EXPECT_LE(files(), 1U);
  }
  if (!result_) {
    EXPECT_FALSE(
        loop_.run_until([this] { return result_.has_value(); }, std::chrono::milliseconds(5)));
  }
  EXPECT_TRUE(files() == 0 || std::filesystem::exists(path_));
}

}  // namespace
}  // namespace fabrix::controller
