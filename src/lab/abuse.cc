#include "lab/abuse.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "io/event_loop.h"
#include "io/packet_socket.h"

namespace fabrix::lab {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kAtOnce = 32;
constexpr milliseconds kAgainAfter{100};
// Harmless frames, before the others and after them.
constexpr std::uint64_t kFirst = 0xfffe;
constexpr std::uint64_t kLast = 0xffff;
constexpr std::size_t kMaxFrames = kFirst;
constexpr std::size_t kMarkSize = 26;

// "fabrix" and 20 hexadecimal digits: whose, and which frame.
class Marks {
 public:
  Marks()
      : run_(static_cast<std::uint64_t>(
                 std::chrono::steady_clock::now().time_since_epoch().count()) ^
             static_cast<std::uint64_t>(getpid()) << 40U) {}

  std::vector<std::byte> put(std::vector<std::byte> frame, std::uint64_t number) const {
    const std::string mark = text(number);
    const auto octets = std::as_bytes(std::span(mark));
    frame.insert(frame.end(), octets.begin(), octets.end());
    return frame;
  }

  // None: somebody else's frame.
  std::optional<std::uint64_t> find(std::span<const std::byte> frame) const {
    const std::string start = text(0).substr(0, kMarkSize - 4);
    const auto octets = std::as_bytes(std::span(start));
    const auto found = std::search(frame.begin(), frame.end(), octets.begin(), octets.end());
    const auto rest = static_cast<std::size_t>(frame.end() - found);
    if (rest < kMarkSize) return std::nullopt;
    std::array<char, 5> digits{};
    std::memcpy(digits.data(), &*found + kMarkSize - 4, 4);
    return std::strtoull(digits.data(), nullptr, 16);
  }

 private:
  std::string text(std::uint64_t number) const {
    return fmt::format("fabrix{:016x}{:04x}", run_, number);
  }

  std::uint64_t run_;
};

class Onslaught {
 public:
  explicit Onslaught(const Abuse& abuse)
      : abuse_(abuse), heard_(abuse.others.size()), timer_(loop_, [this] { send_harmless(); }) {}

  Result<AbuseResult> run() {
    if (auto done = open(); !done) return fail(done.error());
    // An interface that has just come up may send nothing yet.
    if (auto done = await_harmless(kFirst); !done) return fail(done.error());
    if (auto done = send_all(); !done) return fail(done.error());
    if (auto done = await_harmless(kLast); !done) return fail(done.error());
    return result();
  }

 private:
  // Until all others have got it.
  Result<void> await_harmless(std::uint64_t number) {
    harmless_ = number;
    heard_.assign(heard_.size(), false);
    send_harmless();
    const auto all_heard = [this] { return std::ranges::find(heard_, false) == heard_.end(); };
    const bool done = loop_.run_until(all_heard, kAbuseLimit) || all_heard();
    timer_.cancel();
    if (done) return {};
    const auto silent = std::ranges::find(heard_, false) - heard_.begin();
    const auto& place = abuse_.others.at(static_cast<std::size_t>(silent)).place;
    return fail(Error{fmt::format("{} gets not even what it may get", place.router)});
  }

  Result<void> open() {
    if (abuse_.frames.size() >= kMaxFrames) return fail(Error{"too many frames"});
    for (std::size_t i = 0; i < abuse_.others.size(); ++i) {
      FABRIX_TRY(auto socket, io::PacketSocket::open(
                                  loop_,
                                  {.link = abuse_.interface,
                                   .network_namespace = abuse_.others[i].place.network_namespace,
                                   .promiscuous = io::Promiscuous::kYes},
                                  [this, i](auto frame) { take(i, frame); }));
      sockets_.push_back(std::move(socket));
    }
    FABRIX_TRY(auto raw, open_sender(abuse_.queueing));
    FABRIX_TRY(auto usual, open_sender(io::Queueing::kUsual));
    raw_.emplace(std::move(raw));
    usual_.emplace(std::move(usual));
    return {};
  }

  Result<io::PacketSocket> open_sender(io::Queueing queueing) {
    return io::PacketSocket::open(loop_,
                                  {.link = abuse_.interface,
                                   .network_namespace = abuse_.from.network_namespace,
                                   .queueing = queueing},
                                  [](auto /*frame*/) {});
  }

  Result<void> send_all() {
    for (std::size_t i = 0; i < abuse_.frames.size(); ++i) {
      if (auto done = send(marks_.put(abuse_.frames[i], i)); !done) return done;
    }
    return {};
  }

  // Receivers are heard in between, for their queues are short.
  Result<void> send(const std::vector<std::byte>& frame) {
    for (std::size_t n = 0; n < abuse_.times; ++n) {
      if (auto done = raw_->send(frame); !done) return done;
      const bool is_enough = ++sent_ % kAtOnce == 0;
      if (is_enough) loop_.run_until([] { return false; }, milliseconds(1));
    }
    return {};
  }

  // Again for those that have not got theirs: the first may meet a full queue.
  void send_harmless() {
    for (std::size_t i = 0; i < heard_.size(); ++i) {
      if (!heard_[i]) {
        std::ignore = usual_->send(marks_.put(abuse_.others[i].harmless, harmless_));
      }
    }
    timer_.start(kAgainAfter);
  }

  void take(std::size_t at, std::span<const std::byte> frame) {
    const auto number = marks_.find(frame);
    if (!number) return;
    if (*number >= kMaxFrames) {
      if (*number == harmless_) heard_[at] = true;
    } else {
      ++leaked_[{*number, at}];
    }
  }

  AbuseResult result() const {
    AbuseResult all{.sent = sent_, .leaks = {}};
    for (const auto& [which, times] : leaked_) {
      all.leaks.push_back({.frame = which.first,
                           .at = abuse_.others.at(which.second).place.router,
                           .times = times});
    }
    return all;
  }

  const Abuse& abuse_;
  Marks marks_;
  io::EventLoop loop_;
  std::vector<io::PacketSocket> sockets_;
  std::optional<io::PacketSocket> raw_;    // of the frames
  std::optional<io::PacketSocket> usual_;  // of what is harmless
  std::uint64_t harmless_ = kFirst;        // that is to be heard
  std::vector<bool> heard_;                // by others
  io::Timer timer_;
  std::size_t sent_ = 0;
  std::map<std::pair<std::uint64_t, std::size_t>, std::size_t> leaked_;
};

}  // namespace

Result<AbuseResult> send_abuse(const Abuse& abuse) {
  return Onslaught(abuse).run();
}

}  // namespace fabrix::lab
