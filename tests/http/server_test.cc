// The server and its clients over real TCP on loopback.
#include "http/server.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/http/world.h"

namespace fabrix::http {
namespace {

using testing::Client;
using testing::kPatience;
using testing::take_reply;

const std::string kAsk = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

class ServerTest : public ::testing::Test {
 protected:
  void serve(ServerOptions options = {}) {
    auto server = Server::start(loop_, std::move(options),
                                [this](const Request& request) { return handle(request); });
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }

  Response handle(const Request& request) {
    peers_.push_back(to_string(request.peer));
    const auto& segments = request.target.segments;
    if (segments.empty() || segments.front() != "big") return text_response(200, "hello");
    if (segments.size() > 1) return text_response(200, std::string(kBig, 'b'));
    auto left = std::make_shared<std::size_t>(kBig);
    return streamed_response("text/plain", [left]() -> std::optional<std::string> {
      if (*left == 0) return std::nullopt;
      const std::size_t size = std::min(*left, std::size_t{10'000});
      *left -= size;
      return std::string(size, 'b');
    });
  }

  std::unique_ptr<Client> client() { return std::make_unique<Client>(loop_, server_->local()); }
  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  static constexpr std::size_t kBig = 8'000'000;
  io::EventLoop loop_;
  std::vector<std::string> peers_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, ListensOnLoopbackUnlessToldOtherwise) {
  serve();
  EXPECT_EQ(to_string(server_->local()), "127.0.0.1:" + std::to_string(server_->port()));
  const auto one = client();
  one->say(kAsk);
  ASSERT_TRUE(one->hears("hello"));
  EXPECT_TRUE(peers_.at(0).starts_with("127.0.0.1:"));
}

TEST_F(ServerTest, ListensOnIpv6) {
  ServerOptions options;
  options.local.address = *net::IpAddress::parse("::1");
  serve(std::move(options));
  const auto one = client();
  one->say(kAsk);
  EXPECT_TRUE(one->hears("hello"));
}

TEST_F(ServerTest, FailsWhereItCannotListen) {
  ServerOptions options;
  options.local.address = *net::IpAddress::parse("192.0.2.1");
  EXPECT_FALSE(Server::start(loop_, std::move(options), [](const Request&) { return Response{}; }));
}

TEST_F(ServerTest, SendsBigBodiesWholeAndInPieces) {
  serve();
  for (const std::string path : {"/big", "/big/whole"}) {
    SCOPED_TRACE(path);
    const auto one = client();
    one->say("GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(one->is_left());
    std::string heard = one->heard();
    const auto reply = take_reply(heard);
    EXPECT_EQ(reply.body.size(), kBig);
    EXPECT_EQ(reply.body.find_first_not_of('b'), std::string::npos);
    EXPECT_EQ(heard, "");
  }
}

TEST_F(ServerTest, ServesOthersWhileOneTakesABigAnswerSlowly) {
  serve();
  const auto slow = client();
  slow->stream().pause_reading();
  slow->say("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    const auto quick = client();
    quick->say(kAsk);
    ASSERT_TRUE(quick->hears("hello"));
  }
  slow->stream().resume_reading();
  EXPECT_TRUE(slow->hears_octets(kBig));
}

TEST_F(ServerTest, TellsTheOneTooManyAndMakesRoomAgain) {
  ServerOptions options;
  options.max_clients = 3;
  serve(std::move(options));
  std::vector<std::unique_ptr<Client>> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(client());
    all.back()->say(kAsk);
    ASSERT_TRUE(all.back()->hears("hello"));
  }
  const auto extra = client();
  ASSERT_TRUE(extra->is_left());
  EXPECT_TRUE(extra->heard().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_EQ(server_->counters().turned_away, 1U);
  all.clear();
  ASSERT_TRUE(wait([&] { return server_->counters().clients == 0; }));
  const auto next = client();
  next->say(kAsk);
  EXPECT_TRUE(next->hears("hello"));
}

TEST_F(ServerTest, AdmitsWhomItIsToldTo) {
  ServerOptions options;
  options.admit = [](const io::Endpoint&) { return false; };
  serve(std::move(options));
  const auto one = client();
  EXPECT_TRUE(one->is_left());
  EXPECT_EQ(one->heard(), "");
  EXPECT_EQ(server_->counters().connections, 0U);
}

TEST_F(ServerTest, CountsItsAnswers) {
  serve();
  const auto good = client();
  good->say(kAsk + kAsk);
  ASSERT_TRUE(good->hears("hello"));
  const auto bad = client();
  bad->say("nonsense\r\n\r\n");
  ASSERT_TRUE(bad->is_left());
  ASSERT_TRUE(wait([&] { return server_->counters().answers[2] == 2; }));
  EXPECT_EQ(server_->counters().answers[4], 1U);
  EXPECT_EQ(server_->counters().connections, 2U);
}

TEST_F(ServerTest, SurvivesClientsThatVanish) {
  serve();
  for (int i = 0; i < 100; ++i) {
    const auto one = client();
    one->say(i % 2 == 0 ? kAsk + "GET /" : "GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
    one->stream().abort();
  }
  const auto last = client();
  last->say(kAsk);
  EXPECT_TRUE(last->hears("hello"));
}

TEST_F(ServerTest, DrainsItsClients) {
  serve();
  const auto idle = client();
  idle->say(kAsk);
  ASSERT_TRUE(idle->hears("hello"));
  const auto busy = client();
  busy->stream().pause_reading();
  busy->say("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(wait([&] { return peers_.size() == 2; }));
  server_->drain();
  EXPECT_TRUE(idle->is_left());
  EXPECT_FALSE(busy->ended());
  busy->stream().resume_reading();
  EXPECT_TRUE(busy->is_left());
  EXPECT_TRUE(busy->heard().ends_with("\r\n0\r\n\r\n"));
  EXPECT_TRUE(wait([&] { return server_->counters().clients == 0; }));
}

TEST_F(ServerTest, CutsItsClientsOffWhenDestroyed) {
  serve();
  const auto one = client();
  one->say("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(wait([&] { return !peers_.empty(); }));
  server_.reset();
  EXPECT_TRUE(one->is_left());
}

}  // namespace
}  // namespace fabrix::http
