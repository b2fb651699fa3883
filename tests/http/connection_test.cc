// One client and one connection, over a unix socket pair.
#include "http/connection.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/http/world.h"

namespace fabrix::http {
namespace {

using std::chrono::milliseconds;
using testing::kPatience;
using testing::Reply;
using testing::take_reply;

class ConnectionTest : public ::testing::Test {
 protected:
  void connect(const ConnectionOptions& options = {}) {
    const io::StreamLimits limits{
        .max_queued = std::size_t{1} << 20U, .high_water = 1U << 18U, .low_water = 1U << 16U};
    auto [near, far] = io::connected_pair(loop_, limits).value();
    client_.emplace(std::move(far));
    connection_.emplace(
        loop_, std::move(near), options,
        Connection::Callbacks{.handle = [this](const Request& request) { return handle(request); },
                              .on_answer = [this](unsigned status) { statuses_.push_back(status); },
                              .on_gone = [this] { ++gone_; }});
    client_->start({.on_data =
                        [this](std::span<const std::byte> data) {
                          for (const std::byte octet : data) {
                            heard_.push_back(static_cast<char>(octet));
                          }
                        },
                    .on_end = [this](const io::StreamEnd&) { ended_ = true; },
                    .on_drained = {}});
    connection_->start();
  }

  Response handle(const Request& request) {
    const auto& segments = request.target.segments;
    const std::string what = segments.empty() ? "" : segments.front();
    if (what == "pieces") return pieces(std::stoul(segments.at(1)));
    if (what == "endless") return streamed_response("text/plain", [this] { return endless(); });
    if (what == "never") {
      return streamed_response("text/plain", [] { return std::optional(std::string()); });
    }
    if (what == "later") return later();
    if (what == "unknown") {
      return later_response([this] { return std::exchange(known_, std::nullopt); },
                            milliseconds(1));
    }
    if (what == "empty") return {.status = 204, .headers = {}, .body = "ignored"};
    handled_ += what + ";";
    return text_response(200, what + request.body);
  }

  // Has something the third time it is asked, 20 ms apart.
  Response later() {
    auto response = streamed_response("text/plain", [this]() -> std::optional<std::string> {
      asked_.push_back(io::EventLoop::now());
      if (asked_.size() > 3) return std::nullopt;
      return asked_.size() == 3 ? "at last" : "";
    });
    response.ask_again = milliseconds(20);
    return response;
  }

  static Response pieces(std::size_t count) {
    auto left = std::make_shared<std::size_t>(count);
    return streamed_response("text/plain", [left]() -> std::optional<std::string> {
      if (*left == 0) return std::nullopt;
      --*left;
      return *left % 2 == 0 ? "piece " + std::to_string(*left) + "\n" : "";
    });
  }

  std::optional<std::string> endless() {
    produced_ += 4096;
    return std::string(4096, 'e');
  }

  void say(const std::string& text) { EXPECT_TRUE(client_->write(testing::octets_of(text))); }
  void ask(const std::string& path) { say("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"); }
  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }
  bool wait_for(const std::string& text) {
    return wait([&] { return heard_.find(text) != std::string::npos; });
  }
  // Lets the loop serve what is at hand.
  void settle() {
    for (int i = 0; i < 50; ++i) {
      bool done = false;
      loop_.post([&] { done = true; });
      ASSERT_TRUE(wait([&] { return done; }));
    }
  }

  io::EventLoop loop_;
  std::optional<io::ByteStream> client_;
  std::optional<Connection> connection_;
  std::vector<unsigned> statuses_;
  std::string handled_;
  std::string heard_;
  std::vector<io::Clock::time_point> asked_;
  std::optional<Response> known_;  // what is said to who asks for the unknown
  std::size_t produced_ = 0;
  int gone_ = 0;
  bool ended_ = false;
};

TEST_F(ConnectionTest, AnswersManyRequestsInTheirOrder) {
  connect();
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += "GET /r" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  say(all);
  ASSERT_TRUE(wait_for("\r\n\r\nr99"));
  for (int i = 0; i < 100; ++i) {
    const Reply reply = take_reply(heard_);
    EXPECT_EQ(reply.status, 200U);
    EXPECT_EQ(reply.headers.at("Connection"), "keep-alive");
    EXPECT_EQ(reply.body, "r" + std::to_string(i));
  }
  EXPECT_EQ(gone_, 0);
}

TEST_F(ConnectionTest, SendsPiecesAsChunks) {
  connect();
  ask("/pieces/6");
  ASSERT_TRUE(wait_for("\r\n0\r\n\r\n"));
  const Reply reply = take_reply(heard_);
  EXPECT_EQ(reply.headers.at("Transfer-Encoding"), "chunked");
  EXPECT_FALSE(reply.headers.contains("Content-Length"));
  EXPECT_EQ(reply.body, "piece 4\npiece 2\npiece 0\n");
  ask("/next");
  EXPECT_TRUE(wait_for("\r\n\r\nnext"));
}

TEST_F(ConnectionTest, AsksForAPieceAgainWhenItIsTold) {
  connect();
  ask("/later");
  ASSERT_TRUE(wait_for("at last\r\n0\r\n\r\n"));
  ASSERT_EQ(asked_.size(), 4U);
  EXPECT_GE(asked_[2] - asked_[0], milliseconds(40));
}

TEST_F(ConnectionTest, WaitsForAResponseThatIsNotKnownYet) {
  connect();
  ask("/unknown");
  ask("/next");
  settle();
  EXPECT_EQ(heard_, "");
  known_ = text_response(404, "not there");
  ASSERT_TRUE(wait_for("next"));
  EXPECT_EQ(statuses_, (std::vector<unsigned>{404, 200}));
  EXPECT_NE(heard_.find("not there"), std::string::npos);
}

TEST_F(ConnectionTest, GivesUpAResponseThatIsNeverKnown) {
  connect({.times = {.stall = milliseconds(5), .response = milliseconds(10)}});
  ask("/unknown");
  EXPECT_TRUE(wait([this] { return gone_ == 1; }));
  EXPECT_EQ(heard_, "");
}

TEST_F(ConnectionTest, Rfc9112_6_3_EndsPiecesForOldClientsByClosing) {
  connect();
  say("GET /pieces/2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(wait([&] { return ended_; }));
  EXPECT_TRUE(heard_.ends_with("\r\n\r\npiece 0\n")) << heard_;
  EXPECT_EQ(heard_.find("chunked"), std::string::npos);
  EXPECT_EQ(gone_, 1);
}

TEST_F(ConnectionTest, Rfc9110_9_3_2_SendsNoBodyToHead) {
  connect();
  say("HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\nHEAD /endless HTTP/1.1\r\nHost: h\r\n\r\n");
  ask("/empty");
  ask("/last");
  ASSERT_TRUE(wait_for("\r\n\r\nlast"));
  const Reply head = take_reply(heard_, false);
  EXPECT_EQ(head.headers.at("Content-Length"), "3");
  EXPECT_EQ(take_reply(heard_, false).headers.at("Transfer-Encoding"), "chunked");
  EXPECT_EQ(take_reply(heard_).status, 204U);
  EXPECT_EQ(take_reply(heard_).body, "last");
  EXPECT_EQ(heard_, "");
  EXPECT_EQ(produced_, 0U);
}

TEST_F(ConnectionTest, Rfc9110_10_1_1_InvitesTheBody) {
  connect();
  say("PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(wait_for("HTTP/1.1 100 Continue\r\n\r\n"));
  heard_.clear();
  say("ab");
  ASSERT_TRUE(wait_for("xab"));
  EXPECT_EQ(take_reply(heard_).status, 200U);
}

TEST_F(ConnectionTest, AnswersNonsenseAndCloses) {
  connect();
  say("nonsense\r\n\r\n");
  ASSERT_TRUE(wait([&] { return ended_; }));
  const Reply reply = take_reply(heard_);
  EXPECT_EQ(reply.status, 400U);
  EXPECT_EQ(reply.headers.at("Connection"), "close");
  EXPECT_EQ(reply.headers.at("Content-Type"), "application/problem+json");
  EXPECT_EQ(statuses_, std::vector<unsigned>{400});
  EXPECT_EQ(handled_, "");
}

TEST_F(ConnectionTest, StopsAskingForPiecesThatAreNotTaken) {
  connect();
  client_->pause_reading();
  ask("/endless");
  settle();
  const std::size_t produced = produced_;
  EXPECT_GT(produced, 0U);
  EXPECT_LT(produced, std::size_t{4} << 20U);  // the queue and the kernel's buffers
  settle();
  EXPECT_EQ(produced_, produced);
  client_->resume_reading();
  EXPECT_TRUE(wait([&] { return produced_ > 4 * produced; }));
}

TEST_F(ConnectionTest, ClosesOnWhoTakesNothing) {
  connect({.requests = {}, .times = {.stall = milliseconds(20)}});
  client_->pause_reading();
  ask("/endless");
  EXPECT_TRUE(wait([&] { return gone_ == 1; }));
}

TEST_F(ConnectionTest, ClosesOnAnAnswerThatTakesTooLong) {
  connect({.requests = {}, .times = {.stall = milliseconds(10), .response = milliseconds(40)}});
  ask("/never");
  EXPECT_TRUE(wait([&] { return gone_ == 1; }));
  EXPECT_EQ(statuses_, std::vector<unsigned>{200});
}

TEST_F(ConnectionTest, ClosesOnWhoIsSilent) {
  connect({.requests = {}, .times = {.idle = milliseconds(10)}});
  ASSERT_TRUE(wait([&] { return ended_; }));
  EXPECT_EQ(heard_, "");
  EXPECT_EQ(gone_, 1);
}

TEST_F(ConnectionTest, GivesADripNoMoreTimeThanOthers) {
  connect({.requests = {}, .times = {.request = milliseconds(50)}});
  say("GET /slow HTTP/1.1\r\nHost: h\r\nX: ");
  io::Timer drip(loop_, [&] {
    if (ended_) return;
    static_cast<void>(client_->write(testing::octets_of("x")));
    drip.start(milliseconds(2));
  });
  drip.start(milliseconds(2));
  ASSERT_TRUE(wait([&] { return ended_; }));
  EXPECT_EQ(take_reply(heard_).status, 408U);
  EXPECT_EQ(handled_, "");
}

TEST_F(ConnectionTest, CountsTheTimeOfTheNextRequestFromItsFirstOctet) {
  connect({.requests = {}, .times = {.request = milliseconds(50)}});
  say("GET /one HTTP/1.1\r\nHost: h\r\n\r\nGET /two");
  ASSERT_TRUE(wait([&] { return ended_; }));
  EXPECT_EQ(take_reply(heard_).body, "one");
  EXPECT_EQ(take_reply(heard_).status, 408U);
}

TEST_F(ConnectionTest, DoesNotReadAheadWithoutBound) {
  connect();
  client_->pause_reading();
  ask("/endless");
  const std::string request = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
  std::string many;
  while (many.size() < (std::size_t{1} << 19U)) many += request;
  while (client_->write(testing::octets_of(many))) settle();
  EXPECT_GT(client_->queued(), 0U);  // The rest waits with the client.
  EXPECT_EQ(handled_, "");
}

TEST_F(ConnectionTest, AnswersWhoHasSaidAllAndThenCloses) {
  connect();
  ask("/one");
  ask("/pieces/2");
  ask("/two");
  client_->close_gracefully();  // Sends all, then its end; nobody hears the answers.
  EXPECT_TRUE(wait([&] { return gone_ == 1; }));
  EXPECT_EQ(handled_, "one;two;");
  EXPECT_EQ(statuses_.size(), 3U);
}

TEST_F(ConnectionTest, LeavesWhoVanishesInTheMiddle) {
  connect();
  client_->pause_reading();
  ask("/endless");
  settle();
  client_.reset();
  EXPECT_TRUE(wait([&] { return gone_ == 1; }));
}

TEST_F(ConnectionTest, FinishesTheAnswerUnderWay) {
  connect();
  client_->pause_reading();
  ask("/pieces/100000");
  ask("/more");
  settle();
  connection_->finish();
  EXPECT_EQ(gone_, 0);
  client_->resume_reading();
  ASSERT_TRUE(wait([&] { return ended_; }));
  EXPECT_TRUE(heard_.ends_with("piece 0\n\r\n0\r\n\r\n"));
  EXPECT_EQ(handled_, "");
}

TEST_F(ConnectionTest, FinishesAtOnceWhenNothingIsAsked) {
  connect();
  connection_->finish();
  connection_->finish();
  EXPECT_EQ(gone_, 1);
  EXPECT_TRUE(wait([&] { return ended_; }));
}

}  // namespace
}  // namespace fabrix::http
