#include "io/byte_stream.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "io/connector.h"
#include "io/listener.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using std::chrono::milliseconds;
using testing::bytes_of;
using testing::kPatience;
using testing::text_of;

// One end of a connection and what it has been told.
struct End {
  explicit End(ByteStream connected) : stream(std::move(connected)) {}

  void start() {
    stream->start({.on_data = [this](auto bytes) { received += text_of(bytes); },
                   .on_end = [this](const StreamEnd& end) { ends.push_back(end.cause); },
                   .on_drained = [this] { ++drained; }});
  }

  std::optional<ByteStream> stream;
  std::string received;
  std::vector<StreamEndCause> ends;
  int drained = 0;
};

class ByteStreamTest : public ::testing::Test {
 protected:
  void connect(const StreamLimits& limits = {}) {
    auto [near, far] = connected_pair(loop_, limits).value();
    near_.emplace(std::move(near));
    far_.emplace(std::move(far));
  }

  // The same over TCP, where a reset exists.
  void connect_tcp() {
    const auto any = IpEndpoint{testing::ip("127.0.0.1"), 0};
    const auto listener =
        Listener::listen(loop_, any, {}, [&](ByteStream s) { far_.emplace(std::move(s)); });
    ASSERT_TRUE(listener) << listener.error().message;
    const Connector connector(loop_, listener->local(), {}, [&](Result<ByteStream> stream) {
      ASSERT_TRUE(stream) << stream.error().message;
      near_.emplace(*std::move(stream));
    });
    ASSERT_TRUE(wait([&] { return near_ && far_; }));
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  // Writes to the near end until nothing fits in the kernel and in the queue.
  std::size_t fill() {
    const std::string chunk(std::size_t{64} << 10U, 'x');
    std::size_t written = 0;
    while (near_->stream->write(bytes_of(chunk))) written += chunk.size();
    return written;
  }

  EventLoop loop_;
  std::optional<End> near_;
  std::optional<End> far_;
};

TEST_F(ByteStreamTest, CarriesBytesBothWays) {
  connect();
  near_->start();
  far_->start();
  EXPECT_TRUE(near_->stream->write(bytes_of("ping")));
  EXPECT_TRUE(far_->stream->write(bytes_of("pong")));
  EXPECT_TRUE(wait([&] { return near_->received == "pong" && far_->received == "ping"; }));
}

TEST_F(ByteStreamTest, CarriesMoreThanTheKernelHolds) {
  connect();
  const std::string large(std::size_t{8} << 20U, 'x');
  EXPECT_TRUE(near_->stream->write(bytes_of(large)));
  EXPECT_GT(near_->stream->queued(), 0U);
  EXPECT_TRUE(near_->stream->stalled_since());
  EXPECT_TRUE(near_->stream->congested());
  near_->start();
  far_->start();
  EXPECT_TRUE(wait([&] { return far_->received.size() == large.size(); }));
  EXPECT_EQ(near_->stream->queued(), 0U);
  EXPECT_FALSE(near_->stream->stalled_since());
  EXPECT_FALSE(near_->stream->congested());
  EXPECT_EQ(near_->drained, 1);
}

TEST_F(ByteStreamTest, RefusesWhatExceedsTheQueueAndKeepsTheRestWhole) {
  connect({.max_queued = 100'000, .high_water = 50'000, .low_water = 10'000});
  const std::size_t written = fill();
  EXPECT_LE(near_->stream->queued(), 100'000U);
  EXPECT_EQ(near_->stream->write(std::vector<std::byte>(100'001)).error(), WriteError::kQueueFull);
  far_->start();
  EXPECT_TRUE(wait([&] { return far_->received.size() >= written; }));
  EXPECT_EQ(far_->received.size(), written);
}

TEST_F(ByteStreamTest, KnowsSinceWhenThePeerTakesNothing) {
  connect();
  EXPECT_FALSE(near_->stream->stalled_since());
  fill();
  const auto since = near_->stream->stalled_since();
  ASSERT_TRUE(since);
  EXPECT_FALSE(loop_.run_until([] { return false; }, milliseconds(5)));
  EXPECT_EQ(near_->stream->stalled_since(), since);
  far_->start();
  EXPECT_TRUE(wait([&] { return near_->stream->stalled_since() != since; }));
}

TEST_F(ByteStreamTest, KnowsSinceWhenTheOtherEndAcknowledgesNothing) {
  connect_tcp();
  EXPECT_FALSE(near_->stream->expects_acknowledgement());
  EXPECT_TRUE(near_->stream->write(bytes_of("the kernel acknowledges this")));
  EXPECT_TRUE(near_->stream->expects_acknowledgement());
  EXPECT_TRUE(wait([&] { return !near_->stream->unacknowledged_since(); }));
  EXPECT_FALSE(near_->stream->expects_acknowledgement());
  // Now the window closes.
  fill();
  std::optional<Clock::time_point> since;
  EXPECT_TRUE(wait([&] {
    const auto before = std::exchange(since, near_->stream->unacknowledged_since());
    std::ignore = loop_.run_until([] { return false; }, milliseconds(20));
    return since && since == before;
  }));
  // More that nobody takes is no progress.
  EXPECT_EQ(near_->stream->unacknowledged_since(), since);
  far_->start();
  EXPECT_TRUE(wait([&] { return !near_->stream->unacknowledged_since(); }));
}

TEST_F(ByteStreamTest, ReadsNowWhatHasArrived) {
  connect();
  far_->start();
  EXPECT_TRUE(near_->stream->write(bytes_of("before")));
  far_->stream->read_now();
  EXPECT_EQ(far_->received, "before");
  far_->stream->pause_reading();
  EXPECT_TRUE(near_->stream->write(bytes_of("after")));
  far_->stream->read_now();
  EXPECT_EQ(far_->received, "before");
}

// Pieces of letters, and the text that they make together.
struct Pieces {
  explicit Pieces(const std::vector<std::size_t>& sizes) {
    for (const std::size_t size : sizes) {
      parts.emplace_back(size, static_cast<char>('a' + parts.size() % 26));
    }
    for (const std::string& part : parts) {
      spans.push_back(bytes_of(part));
      whole += part;
    }
  }
  // What is left after the first `taken` octets.
  std::vector<std::span<const std::byte>> after(std::size_t taken) const {
    std::vector<std::span<const std::byte>> rest;
    for (const auto piece : spans) {
      const std::size_t gone = std::min(taken, piece.size());
      rest.push_back(piece.subspan(gone));
      taken -= gone;
    }
    return rest;
  }

  std::vector<std::string> parts;
  std::vector<std::span<const std::byte>> spans;
  std::string whole;
};

TEST_F(ByteStreamTest, WritesPiecesInOrderWithoutQueuing) {
  connect();
  far_->start();
  // More pieces than go into one call of the kernel, empty ones among them.
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 200; ++i) sizes.push_back(i % 7);
  const Pieces pieces(sizes);
  EXPECT_EQ(near_->stream->write_some(pieces.spans), pieces.whole.size());
  EXPECT_EQ(near_->stream->queued(), 0U);
  EXPECT_FALSE(near_->stream->congested());
  EXPECT_FALSE(near_->stream->stalled_since());
  EXPECT_TRUE(wait([&] { return far_->received == pieces.whole; }));
}

TEST_F(ByteStreamTest, WhatTheKernelDoesNotTakeOfPiecesStaysWithTheCaller) {
  connect();
  near_->start();
  const Pieces pieces(std::vector<std::size_t>(100, 30'000));
  std::size_t taken = near_->stream->write_some(pieces.spans);
  ASSERT_LT(taken, pieces.whole.size());
  EXPECT_EQ(near_->stream->queued(), 0U);
  EXPECT_TRUE(near_->stream->congested());
  EXPECT_TRUE(near_->stream->stalled_since());
  // Nobody reads: nothing more goes, and no time is forgiven.
  const auto since = near_->stream->stalled_since();
  EXPECT_EQ(near_->stream->write_some(pieces.after(taken)), 0U);
  EXPECT_EQ(near_->stream->stalled_since(), since);
  far_->start();
  while (taken < pieces.whole.size()) {
    const int drained = near_->drained;
    ASSERT_TRUE(wait([&] { return near_->drained > drained; }));
    EXPECT_FALSE(near_->stream->congested());
    taken += near_->stream->write_some(pieces.after(taken));
  }
  EXPECT_TRUE(wait([&] { return far_->received.size() == pieces.whole.size(); }));
  EXPECT_TRUE(far_->received == pieces.whole);
  EXPECT_FALSE(near_->stream->stalled_since());
}

TEST_F(ByteStreamTest, PiecesWaitForWhatIsQueued) {
  connect();
  near_->start();
  std::string queued(std::size_t{2} << 20U, '.');
  EXPECT_TRUE(near_->stream->write(bytes_of(queued)));
  ASSERT_GT(near_->stream->queued(), 0U);
  const Pieces pieces({3, 4});
  EXPECT_EQ(near_->stream->write_some(pieces.spans), 0U);
  EXPECT_TRUE(near_->stream->congested());
  far_->start();
  std::size_t taken = 0;
  while (taken < pieces.whole.size()) {
    const int drained = near_->drained;
    ASSERT_TRUE(wait([&] { return near_->drained > drained; }));
    taken += near_->stream->write_some(pieces.after(taken));
  }
  EXPECT_TRUE(wait([&] { return far_->received.size() == queued.size() + 7; }));
  EXPECT_TRUE(far_->received == queued + pieces.whole);
}

TEST_F(ByteStreamTest, PiecesForNobodyAreNotTaken) {
  connect();
  near_->start();
  near_->stream->pause_reading();
  far_.reset();
  const Pieces pieces({3});
  EXPECT_EQ(near_->stream->write_some(pieces.spans), 0U);
  EXPECT_TRUE(wait([&] { return !near_->ends.empty(); }));
  EXPECT_EQ(near_->ends.back(), StreamEndCause::kBroken);
  EXPECT_EQ(near_->stream->write_some(pieces.spans), 0U);
}

TEST_F(ByteStreamTest, PausesReading) {
  connect();
  far_->start();
  far_->stream->pause_reading();
  EXPECT_TRUE(near_->stream->write(bytes_of("a")));
  // One read may have been under way; it finds reading paused.
  EXPECT_FALSE(loop_.run_until([&] { return !far_->received.empty(); }, milliseconds(5)));
  far_->stream->resume_reading();
  EXPECT_TRUE(wait([&] { return far_->received == "a"; }));
}

TEST_F(ByteStreamTest, TellsTheEndOnceAndCanStillAnswer) {
  connect_tcp();
  near_->start();
  far_->start();
  near_->stream->close_gracefully();
  EXPECT_TRUE(wait([&] { return !far_->ends.empty(); }));
  EXPECT_EQ(far_->ends, std::vector{StreamEndCause::kPeerClosed});
  EXPECT_TRUE(far_->stream->write(bytes_of("answer")));
  EXPECT_EQ(near_->stream->write(bytes_of("x")).error(), WriteError::kClosed);
}

TEST_F(ByteStreamTest, TellsAReset) {
  connect_tcp();
  far_->start();
  near_->stream->abort();
  EXPECT_TRUE(wait([&] { return !far_->ends.empty(); }));
  EXPECT_EQ(far_->ends, std::vector{StreamEndCause::kBroken});
  EXPECT_FALSE(far_->stream->is_open());
  EXPECT_EQ(far_->stream->write(bytes_of("x")).error(), WriteError::kClosed);
}

TEST_F(ByteStreamTest, TellsAFailedWriteFromTheLoop) {
  connect();
  near_->start();
  near_->stream->pause_reading();
  far_.reset();
  EXPECT_TRUE(near_->stream->write(bytes_of("x")));
  EXPECT_TRUE(near_->ends.empty());
  EXPECT_TRUE(wait([&] { return !near_->ends.empty(); }));
  EXPECT_EQ(near_->ends.back(), StreamEndCause::kBroken);
}

// Unread input at close() makes Linux reset the connection, and a reset overtakes our last words.
TEST_F(ByteStreamTest, DeliversItsLastWordsInSpiteOfUnreadInput) {
  connect_tcp();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(far_->stream->write(bytes_of("never read")));
  EXPECT_TRUE(near_->stream->write(bytes_of("NOTIFICATION")));
  near_->stream->close_gracefully();
  near_.reset();
  EXPECT_TRUE(far_->stream->write(bytes_of("still talking")));
  far_->start();
  EXPECT_TRUE(wait([&] { return !far_->ends.empty(); }));
  EXPECT_EQ(far_->received, "NOTIFICATION");
  EXPECT_EQ(far_->ends, std::vector{StreamEndCause::kPeerClosed});
}

// The kernel is full, the window closed; then the reader comes back within the linger.
TEST_F(ByteStreamTest, LastWordsReachAReaderThatHadStopped) {
  connect_tcp();
  near_->start();
  const Pieces pieces(std::vector<std::size_t>(400, 30'000));
  std::size_t taken = near_->stream->write_some(pieces.spans);
  while (!loop_.run_until([&] { return !near_->stream->congested(); }, milliseconds(50))) {
    const std::size_t more = near_->stream->write_some(pieces.after(taken));
    if (more == 0) break;
    taken += more;
  }
  ASSERT_LT(taken, pieces.whole.size());
  EXPECT_TRUE(near_->stream->write(bytes_of("NOTIFICATION")));
  EXPECT_GT(near_->stream->queued(), 0U);
  near_->stream->close_gracefully();
  EXPECT_EQ(near_->stream->queued(), 0U) << "the kernel has them";
  near_.reset();
  far_->start();
  EXPECT_TRUE(wait([&] { return !far_->ends.empty(); }));
  EXPECT_EQ(far_->ends, std::vector{StreamEndCause::kPeerClosed});
  EXPECT_TRUE(far_->received.ends_with("NOTIFICATION"));
}

TEST_F(ByteStreamTest, LingersNoLongerThanAllowed) {
  connect_tcp();
  fill();
  near_->stream->close_gracefully(milliseconds(10));
  near_.reset();
  // The far end does not read: the queue cannot be delivered, and the connection is cut.
  loop_.run_until([] { return false; }, milliseconds(30));
  far_->start();
  EXPECT_TRUE(wait([&] { return !far_->ends.empty(); }));
}

TEST_F(ByteStreamTest, MayBeDestroyedByItsOwnCallback) {
  connect();
  bool called = false;
  near_->stream->start({.on_data =
                            [&](auto) {
                              near_->stream.reset();
                              called = true;
                            },
                        .on_end = [&](const StreamEnd&) { ADD_FAILURE() << "told after its end"; },
                        .on_drained = {}});
  far_->start();
  EXPECT_TRUE(far_->stream->write(bytes_of("a")));
  EXPECT_TRUE(wait([&] { return called && !far_->ends.empty(); }));
}

TEST_F(ByteStreamTest, OutlivedByTheLoopWhileLingering) {
  connect();
  fill();
  near_->start();
  near_->stream->close_gracefully();
  near_.reset();
  far_.reset();  // The leak check of the sanitizer is the expectation.
}

}  // namespace
}  // namespace fabrix::io
