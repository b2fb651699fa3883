#include "controller/rtr_connection.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "io/listener.h"
#include "tests/controller/stayrtr.h"

namespace fabrix::controller {
namespace {

using rpki::RtrMessage;
using std::chrono::milliseconds;

constexpr auto kPatience = io::testing::kPatience;
const rpki::Vrp kA = vrp("10.0.0.0/8", 64500);
const rpki::Vrp kB = vrp("2001:db8::/32", 64501);

RtrConnectionConfig config_for(const io::IpEndpoint& cache) {
  return {.cache = cache, .connect = {}, .client = {}, .first_retry = milliseconds(20)};
}

// A connection, what it reported, and the loop it runs on.
class RtrConnectionTest : public testing::Test {
 protected:
  void connect(const RtrConnectionConfig& config) {
    connection_.emplace(loop_, config,
                        RtrHandlers{.on_current =
                                        [this](const rpki::VrpsCurrent& current) {
                                          ++times_current_;
                                          table_ = current.table;
                                        },
                                    .on_dropped =
                                        [this](const std::string&) {
                                          ++times_dropped_;
                                          table_ = nullptr;
                                        },
                                    .on_link =
                                        [this](rpki::CacheLink link, const std::string& detail) {
                                          link_ = link;
                                          details_.push_back(detail);
                                        }});
    connection_->start();
  }
  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }
  bool has(const std::vector<rpki::Vrp>& vrps) const {
    return table_ != nullptr && table_->vrps() == vrps;
  }
  bool heard(std::string_view part) const {
    return std::ranges::any_of(details_, [&](const std::string& detail) {
      return detail.find(part) != std::string::npos;
    });
  }

  io::EventLoop loop_;
  std::shared_ptr<const rpki::VrpTable> table_;
  int times_current_ = 0;
  int times_dropped_ = 0;
  rpki::CacheLink link_ = rpki::CacheLink::kDown;
  std::vector<std::string> details_;
  std::optional<RtrConnection> connection_;
};

// With a cache written by hand: it takes connections and answers queries as a test says.
class HandWrittenCacheTest : public RtrConnectionTest {
 protected:
  void listen(const io::IpEndpoint& at) {
    auto listener = io::Listener::listen(loop_, at, {}, [this](io::ByteStream stream) {
      ++connections_;
      stream_.emplace(std::move(stream));
      stream_->start({.on_data = [this](std::span<const std::byte> bytes) { take(bytes); },
                      .on_end = [](const io::StreamEnd&) {},
                      .on_drained = [] {}});
    });
    ASSERT_TRUE(listener) << listener.error().message;
    listener_.emplace(*std::move(listener));
  }
  void take(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto pdu = splitter_.next(bytes);
      if (!pdu || !*pdu) return;
      asked_.push_back(rpki::decode_pdu(**pdu).value().message);
    }
  }
  // Serves the loop until `count` PDUs have come on all connections.
  bool wait_for_pdus(std::size_t count) {
    return wait([this, count] { return asked_.size() >= count; });
  }
  void say(const std::vector<RtrMessage>& messages) {
    ByteWriter out;
    for (const RtrMessage& message : messages) rpki::encode_pdu({.message = message}, out);
    ASSERT_TRUE(stream_->write(out.view()));
  }
  void answer(std::uint16_t session, std::uint32_t serial, const rpki::Vrp& vrp) {
    say({rpki::CacheResponse{session}, rpki::VrpChange{.vrp = vrp},
         rpki::EndOfData{session, serial, rpki::RtrIntervals{1, 1, 600}}});
  }
  void hang_up() {
    splitter_.reset();
    stream_.reset();
  }

  io::IpEndpoint here_ = free_endpoint(loop_);
  std::optional<io::Listener> listener_;
  std::optional<io::ByteStream> stream_;
  rpki::PduSplitter splitter_;
  std::vector<RtrMessage> asked_;
  int connections_ = 0;
};

TEST_F(HandWrittenCacheTest, DialsUntilSomebodyAnswersAndLoads) {
  connect(config_for(here_));
  ASSERT_TRUE(wait([this] { return details_.size() >= 3; }));
  EXPECT_TRUE(heard("Connection refused; next try in 0.02 s")) << details_.front();
  EXPECT_TRUE(heard("next try in 0.08 s")) << details_.back();
  listen(here_);
  ASSERT_TRUE(wait_for_pdus(1));
  EXPECT_EQ(asked_.at(0), RtrMessage(rpki::ResetQuery{}));
  answer(7, 1, kA);
  ASSERT_TRUE(wait([this] { return has({kA}); }));
  EXPECT_EQ(link_, rpki::CacheLink::kUp);
  EXPECT_TRUE(heard("1 VRPs, 0 ASPAs, session 7 of version 2, serial 1")) << details_.back();
}

TEST_F(HandWrittenCacheTest, ContinuesAfterALossWhereItWas) {
  listen(here_);
  connect(config_for(here_));
  ASSERT_TRUE(wait_for_pdus(1));
  answer(7, 1, kA);
  ASSERT_TRUE(wait([this] { return has({kA}); }));
  hang_up();
  ASSERT_TRUE(wait_for_pdus(2));
  EXPECT_EQ(asked_.at(1), RtrMessage(rpki::SerialQuery{7, 1}));
  EXPECT_TRUE(has({kA}));
  EXPECT_TRUE(heard("connection lost"));
  answer(7, 2, kB);
  ASSERT_TRUE(wait([this] { return has({kA, kB}); }));
  EXPECT_EQ(times_dropped_, 0);
}

TEST_F(HandWrittenCacheTest, Rfc8210_5_1_ASessionMismatchIsReportedAndLoadedAnew) {
  listen(here_);
  connect(config_for(here_));
  ASSERT_TRUE(wait_for_pdus(1));
  answer(7, 1, kA);
  ASSERT_TRUE(wait_for_pdus(2));  // the refresh after 1 s
  answer(8, 1, kB);
  ASSERT_TRUE(wait_for_pdus(4));
  EXPECT_EQ(std::get<rpki::ErrorReport>(asked_.at(2)).code, rpki::RtrErrorCode::kCorruptData);
  EXPECT_EQ(asked_.at(3), RtrMessage(rpki::ResetQuery{}));
  EXPECT_EQ(times_dropped_, 1);
  answer(8, 1, kB);
  EXPECT_TRUE(wait([this] { return has({kB}); }));
  EXPECT_EQ(connections_, 2);
}

TEST_F(HandWrittenCacheTest, Rfc8210_6_AfterAnErrorTheCacheIsLeftAloneForTheRetryInterval) {
  listen(here_);
  connect(config_for(here_));
  ASSERT_TRUE(wait_for_pdus(1));
  say({rpki::ErrorReport{.code = rpki::RtrErrorCode::kInternalError, .pdu = {}, .text = "sorry"}});
  ASSERT_TRUE(wait([this] {
    return link_ == rpki::CacheLink::kDown && !details_.empty() && heard("next try");
  }));
  EXPECT_TRUE(heard("cache reports error 1 (internal error): sorry; next try in 600 s"))
      << details_.back();
}

TEST_F(HandWrittenCacheTest, ACacheWithoutDataIsKept) {
  listen(here_);
  connect(config_for(here_));
  ASSERT_TRUE(wait_for_pdus(1));
  say({rpki::ErrorReport{.code = rpki::RtrErrorCode::kNoDataAvailable, .pdu = {}, .text = ""}});
  ASSERT_TRUE(wait([this] { return heard("no data available"); }));
  EXPECT_EQ(link_, rpki::CacheLink::kUp);
  EXPECT_EQ(connection_->client().state(), rpki::RtrState::kRefused);
}

TEST_F(HandWrittenCacheTest, AConnectionMayBeDestroyedByItsOwnHandler) {
  listen(here_);
  connection_.emplace(loop_, config_for(here_),
                      RtrHandlers{.on_current =
                                      [this](const rpki::VrpsCurrent&) {
                                        ++times_current_;
                                        connection_.reset();
                                      },
                                  .on_dropped = [](const std::string&) {},
                                  .on_link = [](rpki::CacheLink, const std::string&) {}});
  connection_->start();
  ASSERT_TRUE(wait_for_pdus(1));
  answer(7, 1, kA);
  EXPECT_TRUE(wait([this] { return times_current_ == 1; }));
  EXPECT_FALSE(connection_);
}

class StayRtrTest : public RtrConnectionTest {
 protected:
  void SetUp() override {
    if (!StayRtr::is_installed()) GTEST_SKIP() << "stayrtr is not installed";
  }

  StayRtr cache_{loop_};
};

TEST_F(StayRtrTest, LoadsAndFollowsChangesByTheirSerialNumbers) {
  cache_.serve({kA});
  cache_.start();
  connect(config_for(cache_.endpoint()));
  ASSERT_TRUE(wait([this] { return has({kA}); })) << cache_.log();
  cache_.serve({kA, kB});
  ASSERT_TRUE(wait([this] { return has({kA, kB}); })) << cache_.log();
  cache_.serve({kB});
  ASSERT_TRUE(wait([this] { return has({kB}); })) << cache_.log();
  EXPECT_EQ(connection_->client().counters().full_loads, 1U);
  EXPECT_GE(connection_->client().counters().updates, 2U);
  EXPECT_GE(connection_->client().session()->version, rpki::RtrVersion::kRfc8210);
}

TEST_F(StayRtrTest, ARestartedCacheHasANewSessionAndIsLoadedAnew) {
  cache_.serve({kA});
  cache_.start();
  connect(config_for(cache_.endpoint()));
  ASSERT_TRUE(wait([this] { return has({kA}); })) << cache_.log();
  const auto session = connection_->client().session();
  cache_.kill();
  ASSERT_TRUE(wait([this] { return link_ == rpki::CacheLink::kDown; }));
  EXPECT_TRUE(has({kA}));
  cache_.serve({kB});
  cache_.start();
  ASSERT_TRUE(wait([this] { return has({kB}); })) << cache_.log() << details_.back();
  EXPECT_NE(connection_->client().session()->id, session->id);
  EXPECT_EQ(connection_->client().counters().full_loads, 2U);
  EXPECT_EQ(times_dropped_, 0);  // it answers the Serial Query with a Cache Reset
}

TEST_F(StayRtrTest, Rfc8210_7_AVersion1CacheIsSpokenToInVersion1) {
  cache_.serve({kA});
  cache_.start({"-protocol", "1"});
  connect(config_for(cache_.endpoint()));
  ASSERT_TRUE(wait([this] { return has({kA}); })) << cache_.log();
  EXPECT_EQ(connection_->client().session()->version, rpki::RtrVersion::kRfc8210);
}

TEST_F(StayRtrTest, Rfc8210_7_AVersion0CacheIsSpokenToInVersion0) {
  cache_.serve({kA});
  cache_.start({"-protocol", "0"});
  connect(config_for(cache_.endpoint()));
  ASSERT_TRUE(wait([this] { return has({kA}); })) << cache_.log();
  EXPECT_EQ(connection_->client().session()->version, rpki::RtrVersion::kRfc6810);
}

}  // namespace
}  // namespace fabrix::controller
