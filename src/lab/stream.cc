#include "lab/stream.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <sched.h>
#include <sys/socket.h>

#include "io/descriptor_watch.h"
#include "io/event_loop.h"
#include "io/socket_address.h"
#include "lab/datagrams.h"

namespace fabrix::lab {
namespace {

constexpr std::uint16_t kFirstPort = 40101;
// Datagrams of each flow that arrive before and after what happens.
constexpr std::uint32_t kWhile = 250;
constexpr int kRoom = 16 << 20;  // octets

// Keeps the thread on the CPU where it is. What is sent from another one may overtake what waits
// in the first one's backlog, as long as that has other things to do (netif_rx() of Linux).
class OneCpu {
 public:
  OneCpu() {
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &only);
    is_bound_ = sched_getaffinity(0, sizeof before_, &before_) == 0 &&
                sched_setaffinity(0, sizeof only, &only) == 0;
  }
  ~OneCpu() { leave(); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;
  OneCpu(OneCpu&&) = delete;
  OneCpu& operator=(OneCpu&&) = delete;

  // For another thread, which begins where its parent may be.
  void leave() const {
    if (is_bound_) sched_setaffinity(0, sizeof before_, &before_);
  }

 private:
  cpu_set_t before_{};
  bool is_bound_ = false;
};

struct Datagram {
  std::uint32_t flow = 0;
  std::uint32_t number = 0;
};

// The datagrams of a flow: when each was sent, and whether it arrived.
class Flow {
 public:
  explicit Flow(io::FileDescriptor socket) : socket_(std::move(socket)) {}

  void send(std::uint32_t flow, const io::SocketAddress& to, io::Clock::time_point now) {
    const Datagram datagram{.flow = flow, .number = static_cast<std::uint32_t>(sent_.size())};
    sendto(socket_.get(), &datagram, sizeof datagram, 0, to.data(), to.size());
    sent_.push_back({.at = now, .arrived = false});
  }

  void arrived(std::uint32_t number) {
    if (number >= sent_.size() || sent_[number].arrived) return;
    sent_[number].arrived = true;
    if (last_ && number < *last_) ++out_of_order_;
    last_ = std::max(last_.value_or(0), number);
    ++count_;
  }

  std::uint32_t count() const { return count_; }

  void add_to(StreamResult& result) const {
    std::optional<std::size_t> before;
    std::size_t lost = 0;
    for (std::size_t i = 0; i < sent_.size(); ++i) {
      if (!sent_[i].arrived) continue;
      if (before && i > *before + 1) {
        lost += i - *before - 1;
        const auto outage =
            std::chrono::duration_cast<std::chrono::microseconds>(sent_[i].at - sent_[*before].at);
        result.longest_outage = std::max(result.longest_outage, outage);
      }
      before = i;
    }
    result.lost += lost;
    result.sent += count_ + lost;
    result.flows_hit += lost > 0 ? 1U : 0U;
    result.out_of_order += out_of_order_;
  }

 private:
  struct Sent {
    io::Clock::time_point at;
    bool arrived = false;
  };

  io::FileDescriptor socket_;
  std::vector<Sent> sent_;  // by number
  std::optional<std::uint32_t> last_;
  std::uint32_t count_ = 0;
  std::size_t out_of_order_ = 0;
};

class Stream {
 public:
  explicit Stream(const Course& course) : course_(course), timer_(loop_, [this] { send_all(); }) {}

  Result<StreamResult> run(const std::function<Result<void>()>& happens) {
    if (auto done = open(); !done) return fail(done.error());
    const OneCpu here;
    watch_->wait_readable([this] { take(); });
    send_all();
    if (auto flowing = await("before"); !flowing) return fail(flowing.error());
    if (auto done = let_happen(happens, here); !done) return fail(done.error());
    if (auto flowing = await("after"); !flowing) return fail(flowing.error());
    StreamResult result;
    for (const Flow& flow : flows_) flow.add_to(result);
    return result;
  }

 private:
  Result<void> open() {
    const io::IpEndpoint to{.address = course_.destination, .port = course_.port};
    FABRIX_TRY(to_, io::SocketAddress::from(to));
    FABRIX_TRY(receiver_, open_datagrams(course_.to.network_namespace, to));
    // Room for what comes while the machine lets us wait. Without the right to it: less.
    std::ignore = setsockopt(receiver_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kRoom, sizeof kRoom);
    for (std::uint16_t i = 0; i < kFlows; ++i) {
      const io::IpEndpoint from{.address = course_.sources[i % course_.sources.size()],
                                .port = static_cast<std::uint16_t>(kFirstPort + i)};
      FABRIX_TRY(auto socket, open_datagrams(course_.from.network_namespace, from));
      flows_.emplace_back(std::move(socket));
    }
    watch_ = std::make_unique<io::DescriptorWatch>(loop_, receiver_.get());
    return {};
  }

  // What was missed is not made up for: a burst would be lost somewhere.
  void send_all() {
    const auto now = io::EventLoop::now();
    for (std::uint32_t i = 0; i < flows_.size(); ++i) flows_[i].send(i, *to_, now);
    timer_.start(kStreamInterval);
  }

  Result<void> let_happen(const std::function<Result<void>()>& happens, const OneCpu& here) {
    Result<void> outcome;
    std::atomic<bool> over = false;
    std::jthread other([&] {
      here.leave();
      outcome = happens();
      over = true;
    });
    loop_.run_until([&] { return over.load(); }, kStreamLimit);
    other.join();
    return outcome;
  }

  void take() {
    Datagram datagram;
    while (recv(receiver_.get(), &datagram, sizeof datagram, 0) == sizeof datagram) {
      if (datagram.flow < flows_.size()) flows_[datagram.flow].arrived(datagram.number);
    }
    watch_->wait_readable([this] { take(); });
  }

  Result<void> await(const std::string& when) {
    std::vector<std::uint32_t> enough;
    for (const Flow& flow : flows_) enough.push_back(flow.count() + kWhile);
    const auto flowing = [&] {
      for (std::size_t i = 0; i < flows_.size(); ++i) {
        if (flows_[i].count() < enough[i]) return false;
      }
      return true;
    };
    if (loop_.run_until(flowing, kStreamLimit)) return {};
    return fail(Error{"not all flows arrive " + when});
  }

  const Course& course_;
  io::EventLoop loop_;
  std::optional<io::SocketAddress> to_;
  io::FileDescriptor receiver_;
  std::unique_ptr<io::DescriptorWatch> watch_;
  std::vector<Flow> flows_;
  io::Timer timer_;
};

}  // namespace

Result<StreamResult> send_stream(const Course& course,
                                 const std::function<Result<void>()>& happens) {
  return Stream(course).run(happens);
}

}  // namespace fabrix::lab
