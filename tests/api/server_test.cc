// The server and its clients over a real unix socket.
#include "api/server.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/connector.h"
#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Generous: it bounds a failing test, not a passing one.
constexpr std::chrono::seconds kPatience{30};
const std::string kShow = R"({"command":"show","what":"participants"})"
                          "\n";

// A client that says what it is told to and keeps what it hears.
class Client {
 public:
  Client(io::EventLoop& loop, const std::string& path) : loop_(loop) {
    connector_.emplace(loop, io::UnixEndpoint{path}, io::ConnectOptions{},
                       [this](Result<io::ByteStream> stream) { begin(std::move(stream)); });
    EXPECT_TRUE(loop.run_until([this] { return stream_.has_value(); }, kPatience));
  }

  void say(const std::string& text) { EXPECT_TRUE(stream_->write(std::as_bytes(std::span(text)))); }
  void listen_no_more() { stream_->pause_reading(); }
  void listen_again() { stream_->resume_reading(); }

  bool hears_lines(std::size_t count) {
    return loop_.run_until([&] { return lines() >= count || ended_; }, kPatience) &&
           lines() >= count;
  }
  bool is_left() {
    return loop_.run_until([this] { return ended_; }, kPatience);
  }
  std::size_t lines() const {
    return static_cast<std::size_t>(std::count(heard_.begin(), heard_.end(), '\n'));
  }
  const std::string& heard() const { return heard_; }
  io::ByteStream& stream() { return *stream_; }

 private:
  void begin(Result<io::ByteStream> stream) {
    ASSERT_TRUE(stream) << stream.error().message;
    stream_.emplace(*std::move(stream));
    stream_->start({.on_data =
                        [this](std::span<const std::byte> data) {
                          for (const std::byte octet : data) {
                            heard_.push_back(static_cast<char>(octet));
                          }
                        },
                    .on_end = [this](const io::StreamEnd&) { ended_ = true; },
                    .on_drained = {}});
  }

  io::EventLoop& loop_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  std::string heard_;
  bool ended_ = false;
};

class ServerTest : public ::testing::Test {
 protected:
  void serve(std::chrono::milliseconds idle_limit = Server::kIdleLimit) {
    auto handlers = world_.handlers();
    handlers.monitors = &hub_;
    auto server = Server::start(loop_, directory_.socket(), handlers, idle_limit);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  std::unique_ptr<Client> client() { return std::make_unique<Client>(loop_, directory_.socket()); }

  testing::World world_;
  // One that monitors.
  std::unique_ptr<Client> monitor() {
    auto one = client();
    one->say("{\"command\":\"monitor\"}\n");
    EXPECT_TRUE(one->hears_lines(1));
    return one;
  }
  void happen() { hub_.end_of_rib(monitoring::PeerKey{1}, net::Family::kIpv4, {}); }

  testing::SocketDirectory directory_;
  MonitorHub hub_{world_.controller};
  io::EventLoop loop_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersEachLineInOrder) {
  serve();
  const auto one = client();
  one->say(kShow.substr(0, 10));
  one->say(kShow.substr(10) + "nonsense\n" + kShow);
  ASSERT_TRUE(one->hears_lines(3));
  const std::string shown = answer(world_.handlers(), kShow);
  EXPECT_EQ(one->heard(), shown + answer(world_.handlers(), "nonsense") + shown);
}

TEST_F(ServerTest, ServesManyAtOnceAndTellsTheOneTooMany) {
  serve();
  std::vector<std::unique_ptr<Client>> all;
  for (std::size_t i = 0; i < Server::kMaxClients; ++i) all.push_back(client());
  for (const auto& one : all) one->say(kShow);
  for (const auto& one : all) EXPECT_TRUE(one->hears_lines(1));
  const auto extra = client();
  ASSERT_TRUE(extra->is_left());
  EXPECT_THAT(extra->heard(), HasSubstr("too many clients at once; try again"));
  all.front().reset();  // Who leaves makes room.
  bool served = false;
  for (int i = 0; i < 1000 && !served; ++i) {
    const auto next = client();
    next->say(kShow);
    served = next->hears_lines(1) && next->heard().starts_with(R"({"ok":true)");
  }
  EXPECT_TRUE(served);
}

TEST_F(ServerTest, AnswersARequestThatIsTooLongAndCloses) {
  serve();
  const auto one = client();
  one->say(std::string(kMaxRequest + 1, ' '));
  ASSERT_TRUE(one->is_left());
  EXPECT_THAT(one->heard(), HasSubstr("the request is longer than 4194304 octets"));
}

TEST_F(ServerTest, TakesARequestAsLongAsAllowed) {
  serve();
  const auto one = client();
  one->say(std::string(kMaxRequest - kShow.size() + 1, ' ') + kShow);
  ASSERT_TRUE(one->hears_lines(1));
  EXPECT_THAT(one->heard(), StartsWith(R"({"ok":true)"));
}

TEST_F(ServerTest, ForgetsWhoIsSilent) {
  serve(std::chrono::milliseconds(20));
  const auto silent = client();
  EXPECT_TRUE(silent->is_left());
  EXPECT_EQ(silent->heard(), "");
}

TEST_F(ServerTest, MakesWhoAsksMuchAndReadsNothingWait) {
  serve();
  const auto deaf = client();
  const auto other = client();
  deaf->listen_no_more();
  std::string many;
  constexpr std::size_t kRequests = 20'000;
  for (std::size_t i = 0; i < kRequests; ++i) many += kShow;
  deaf->say(many);
  other->say(kShow);
  ASSERT_TRUE(other->hears_lines(1));
  deaf->listen_again();
  EXPECT_TRUE(deaf->hears_lines(kRequests));
}

TEST_F(ServerTest, SurvivesClientsThatVanish) {
  serve();
  for (int i = 0; i < 100; ++i) {
    const auto one = client();
    one->say(kShow + kShow + "{");
    one->stream().abort();
  }
  const auto last = client();
  last->say(kShow);
  EXPECT_TRUE(last->hears_lines(1));
}

TEST_F(ServerTest, AnswersWhoHasSaidAllAndThenCloses) {
  serve();
  const auto one = client();
  one->say(kShow);
  // What `nc` does at the end of its input.
  one->stream().close_gracefully();
  const auto other = client();
  other->say(kShow);
  EXPECT_TRUE(other->hears_lines(1));
}

TEST_F(ServerTest, StreamsEventsToWhoMonitorsUntilItLeaves) {
  serve(std::chrono::milliseconds(50));
  auto one = monitor();
  const auto silent = client();
  ASSERT_TRUE(silent->is_left());  // The idle limit has passed, and who monitors may be silent.
  happen();
  ASSERT_TRUE(one->hears_lines(2));
  EXPECT_THAT(one->heard(), HasSubstr("\"event\":\"end-of-rib\""));
  one->say(kShow);
  happen();
  ASSERT_TRUE(one->hears_lines(3));
  EXPECT_THAT(one->heard(), Not(HasSubstr("participants"))) << "it asks nothing more";
  EXPECT_EQ(hub_.listeners(), 1U);
  one.reset();
  EXPECT_TRUE(loop_.run_until([this] { return hub_.listeners() == 0; }, kPatience));
}

TEST_F(ServerTest, DropsWhatASlowMonitorDoesNotTakeAndSaysHowMuch) {
  serve();
  const auto slow = monitor();
  slow->listen_no_more();
  constexpr std::size_t kEvents = 100'000;  // some 15 MB; 1 MiB may wait
  for (std::size_t i = 0; i < kEvents; ++i) happen();
  slow->listen_again();
  const auto told = [&] { return slow->heard().find("\"lost\"") != std::string::npos; };
  ASSERT_TRUE(loop_.run_until(told, kPatience));
  EXPECT_LT(slow->heard().size(), std::size_t{4} << 20U);
  const auto at = slow->heard().find("\"count\":");
  const std::size_t lost = std::stoul(slow->heard().substr(at + 8));
  EXPECT_EQ(slow->lines() - 2 + lost, kEvents) << "every event was shown or counted";
  happen();
  EXPECT_TRUE(slow->hears_lines(slow->lines() + 1));
}

TEST_F(ServerTest, LetsSoManyMonitorAndNoMore) {
  serve();
  std::vector<std::unique_ptr<Client>> all;
  for (std::size_t i = 0; i < MonitorHub::kMostListeners; ++i) all.push_back(monitor());
  const auto extra = monitor();
  EXPECT_THAT(extra->heard(), HasSubstr("16 clients monitor already"));
  extra->say(kShow);
  EXPECT_TRUE(extra->hears_lines(2)) << "it may ask other things";
}

TEST_F(ServerTest, IsGoneWhenDestroyed) {
  serve();
  const auto one = client();
  server_.reset();
  EXPECT_TRUE(one->is_left());
  EXPECT_FALSE(std::filesystem::exists(directory_.socket()));
}

TEST_F(ServerTest, FailsWhereItCannotListen) {
  EXPECT_FALSE(Server::start(loop_, "/nowhere/fabrix.sock", world_.handlers()));
}

}  // namespace
}  // namespace fabrix::api
