#include "controller/mrt_updates.h"

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
using monitoring::Timestamp;
using monitoring::testing::attributes;
using monitoring::testing::prefix;
using monitoring::testing::route;
using monitoring::testing::session;
using std::chrono::milliseconds;
using std::chrono::seconds;

// testing::time() is 2023-11-14 22:13:20 UTC.
constexpr const char* kFirst = "updates.20231114.2200.mrt";
constexpr const char* kSecond = "updates.20231114.2215.mrt";

class MrtUpdatesTest : public ::testing::Test {
 protected:
  MrtUpdates updates(milliseconds delay = milliseconds(60'000)) {
    return {loop_,
            {.directory = directory_.path(),
             .period = seconds(900),
             .delay = delay,
             .clock = [this] { return now_; }},
            known_};
  }

  void announce(MrtUpdates& subject, Timestamp time) {
    subject.routes_changed({.peer = monitoring::PeerKey{1},
                            .prefixes = prefixes_,
                            .now = route(1, attributes({64501}), "192.0.2.11"),
                            .before = std::nullopt,
                            .time = time});
  }

  std::vector<monitoring::MrtRecord> read(const std::string& name) const {
    const std::string content = io::read_file(directory_ / name).value();
    monitoring::MrtReader reader(io::testing::bytes_of(content));
    std::vector<monitoring::MrtRecord> records;
    while (auto record = reader.next().value()) records.push_back(*std::move(record));
    return records;
  }

  bool exists(const std::string& name) const { return std::filesystem::exists(directory_ / name); }

  io::EventLoop loop_;
  io::testing::TemporaryDirectory directory_;
  Timestamp now_ = monitoring::testing::time();
  const std::vector<monitoring::PeerSession> known_{session(1)};
  const std::vector<net::Prefix> prefixes_{prefix("198.51.100.0/24")};
};

TEST_F(MrtUpdatesTest, RecordsEverythingThatHappens) {
  {
    MrtUpdates subject = updates();
    subject.peer_up(session(2));
    announce(subject, monitoring::testing::time(1));
    subject.end_of_rib(monitoring::PeerKey{1}, net::Family::kIpv4, monitoring::testing::time(2));
    subject.statistics(monitoring::PeerKey{1}, {}, monitoring::testing::time(3));
    subject.peer_down(monitoring::PeerKey{2}, monitoring::RemoteClosed{},
                      monitoring::testing::time(4));
    EXPECT_EQ(subject.counters(), (MrtUpdatesCounters{.records = 4, .files = 1}));
  }
  const auto records = read(kFirst);
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[1].time, monitoring::testing::time(1));
  if (!monitoring::testing::has_bgpdump()) GTEST_SKIP() << "bgpdump is not installed";
  const auto lines = monitoring::testing::bgpdump_file(directory_ / kFirst);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1],
            "BGP4MP_ET|1700000000.000001|A|192.0.2.11|64501|198.51.100.0/24|64501|IGP|192.0.2.11|0"
            "|0|||NAG||");
}

TEST_F(MrtUpdatesTest, WritesSoonAfterTheEvent) {
  MrtUpdates subject = updates(milliseconds(1));
  announce(subject, now_);
  ASSERT_TRUE(loop_.run_until([this] { return read(kFirst).size() == 1; }, kPatience));
}

TEST_F(MrtUpdatesTest, ARecordIsInTheFileOfItsPeriod) {
  {
    MrtUpdates subject = updates();
    announce(subject, now_);
    announce(subject, now_ + seconds(99));
    EXPECT_FALSE(exists(kSecond));
    announce(subject, now_ + seconds(100));  // 22:15:00
    announce(subject, now_ + seconds(99));   // late: files only follow each other
    EXPECT_EQ(subject.counters().files, 2U);
  }
  EXPECT_EQ(read(kFirst).size(), 2U);
  EXPECT_EQ(read(kSecond).size(), 2U);
}

TEST_F(MrtUpdatesTest, AQuietPeriodHasAFileToo) {
  MrtUpdates subject = updates(milliseconds(1));
  now_ += seconds(100);
  ASSERT_TRUE(loop_.run_until([this] { return exists(kSecond); }, kPatience));
  EXPECT_TRUE(read(kSecond).empty());
}

TEST_F(MrtUpdatesTest, ContinuesAFileThatIsThere) {
  for (int i = 0; i < 2; ++i) {
    MrtUpdates subject = updates();
    announce(subject, now_);
  }
  EXPECT_EQ(read(kFirst).size(), 2U);
}

TEST_F(MrtUpdatesTest, LosesAndCountsWhatItCannotWriteAndTriesAgain) {
  const std::string directory = directory_ / "later";
  MrtUpdates subject(loop_,
                     {.directory = directory,
                      .period = seconds(900),
                      .delay = milliseconds(1),
                      .clock = [this] { return now_; }},
                     known_);
  announce(subject, now_);
  ASSERT_TRUE(loop_.run_until([&] { return subject.counters().octets_lost > 0; }, kPatience));
  EXPECT_EQ(subject.counters().files, 0U);
  std::filesystem::create_directory(directory);
  announce(subject, now_ + seconds(100));
  EXPECT_EQ(subject.counters().files, 1U);
}

}  // namespace
}  // namespace fabrix::controller
