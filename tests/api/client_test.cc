#include "api/client.h"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/server.h"
#include "io/listener.h"
#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

// Something that listens, on a thread of its own because ask() blocks.
class Listening {
 public:
  // `serve` makes what listens; it lives until the loop ends.
  explicit Listening(std::function<std::shared_ptr<void>(io::EventLoop&)> serve)
      : thread_([this, serve = std::move(serve)] {
          io::EventLoop loop;
          const auto served = serve(loop);
          loop_ = &loop;
          loop_.notify_all();
          loop.run();
        }) {
    loop_.wait(nullptr);
  }
  ~Listening() {
    loop_.load()->stop();
    thread_.join();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  Listening(Listening&&) = delete;
  Listening& operator=(Listening&&) = delete;

 private:
  std::atomic<io::EventLoop*> loop_ = nullptr;
  std::thread thread_;
};

// Says `text` to whoever connects, and then nothing.
std::function<std::shared_ptr<void>(io::EventLoop&)> saying(const std::string& path,
                                                            const std::string& text) {
  return [path, text](io::EventLoop& loop) -> std::shared_ptr<void> {
    struct State {
      std::vector<io::ByteStream> streams;
      std::optional<io::Listener> listener;
    };
    auto state = std::make_shared<State>();
    auto listener = io::Listener::listen(
        loop, io::UnixEndpoint{path}, {}, [state = state.get(), text](io::ByteStream stream) {
          std::ignore = stream.write(std::as_bytes(std::span(text)));
          stream.start({});
          state->streams.push_back(std::move(stream));
        });
    state->listener.emplace(*std::move(listener));
    return state;
  };
}

TEST(ClientTest, GetsTheAnswersData) {
  testing::World world;
  testing::SocketDirectory directory;
  const Listening server([&](io::EventLoop& loop) -> std::shared_ptr<void> {
    return std::shared_ptr<Server>(*Server::start(loop, directory.socket(), world.handlers()));
  });
  const auto shown = ask(directory.socket(), {{"command", "show"}, {"what", "participants"}});
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_EQ(shown->as_array().size(), 3U);

  const auto stranger =
      ask(directory.socket(), {{"command", "remove-policy"}, {"participant", "Z"}});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().kind, AskError::kNotFound);
  const auto bad = ask(directory.socket(), {{"command", "x"}});
  EXPECT_EQ(bad.error().kind, AskError::kBadRequest);
  const auto refused =
      ask(directory.socket(), {{"command", "set-policy"}, {"participant", "A"}, {"text", "x"}});
  EXPECT_EQ(refused.error().kind, AskError::kRefused);
  EXPECT_FALSE(refused.error().diagnostics.as_array().empty());
}

TEST(ClientTest, ReadsListsPageByPageOnOneConnection) {
  testing::World world;
  constexpr std::size_t kPrefixes = 6'000;
  for (std::size_t i = 0; i < kPrefixes; ++i) {
    world.announce("c1", "20." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
                   {300});
  }
  testing::SocketDirectory directory;
  const Listening server([&](io::EventLoop& loop) -> std::shared_ptr<void> {
    return std::shared_ptr<Server>(*Server::start(loop, directory.socket(), world.handlers()));
  });
  auto connection = Connection::open(directory.socket());
  ASSERT_TRUE(connection);
  std::size_t rows = 0;
  const boost::json::object request{{"command", "show"}, {"what", "routes"}};
  const auto all = [&](const boost::json::array& page) {
    rows += page.size();
    return Continue::kYes;
  };
  ASSERT_TRUE(connection->ask_pages(request, all));
  EXPECT_EQ(rows, kPrefixes + 4);
  const auto enough = [&](const boost::json::array& page) {
    rows = page.size();
    return Continue::kNo;
  };
  ASSERT_TRUE(connection->ask_pages(request, enough));
  EXPECT_LT(rows, kPrefixes);
  EXPECT_FALSE(connection->ask_pages({{"command", "show"}, {"what", "status"}}, enough));
}

TEST(ClientTest, SaysThatNobodyAnswers) {
  const auto nobody = ask("/nowhere/fabrix.sock", {});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, AskError::kUnreachable);
  EXPECT_THAT(nobody.error().message, HasSubstr("no daemon answers at /nowhere/fabrix.sock: "));
}

TEST(ClientTest, WaitsForAnAnswerNoLongerThanAsked) {
  testing::SocketDirectory directory;
  const Listening mute(saying(directory.socket(), "{\"ok\":"));
  const auto begun = std::chrono::steady_clock::now();
  const auto nothing = ask(directory.socket(), {}, 50ms);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, AskError::kUnreachable);
  EXPECT_THAT(nothing.error().message, HasSubstr("no answer in time"));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 50ms);
}

TEST(ClientTest, BelievesNoStranger) {
  for (const std::string text : {"hello\n", "[]\n", "{}\n", "{\"ok\":7}\n", "\n"}) {
    SCOPED_TRACE(text);
    testing::SocketDirectory directory;
    const Listening stranger(saying(directory.socket(), text));
    const auto answer = ask(directory.socket(), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, AskError::kUnreachable);
    EXPECT_THAT(answer.error().message, HasSubstr("is not fabrixd"));
  }
}

TEST(ClientTest, BearsAnswersThatLackWhatTheyShouldHave) {
  testing::SocketDirectory directory;
  {
    const Listening odd(saying(directory.socket(), "{\"ok\":false}\n"));
    const auto answer = ask(directory.socket(), {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, AskError::kBadRequest);
  }
  const Listening odd(saying(directory.socket(), "{\"ok\":true}\n"));
  const auto answer = ask(directory.socket(), {});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->is_null());
}

}  // namespace
}  // namespace fabrix::api
