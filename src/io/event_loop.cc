#include "io/event_loop.h"

#include <cstdint>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

namespace fabrix::io {

namespace asio = boost::asio;

// The guard keeps the context from stopping of its own accord when there is nothing to wait for.
struct EventLoop::Core {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
};

EventLoop::EventLoop() : core_(std::make_unique<Core>()) {}

EventLoop::~EventLoop() = default;

asio::io_context& EventLoop::context() {
  return core_->context;
}

// restart() comes after, not before: a stop() from elsewhere must not be forgotten because it was
// faster than us.
void EventLoop::run() {
  context().run();
  context().restart();
}

bool EventLoop::run_until(const std::function<bool()>& done, Clock::duration limit) {
  const Clock::time_point deadline = now() + limit;
  bool is_done = done();
  while (!is_done && now() < deadline && !context().stopped()) {
    context().run_one_until(deadline);
    is_done = done();
  }
  if (context().stopped()) context().restart();
  return is_done;
}

void EventLoop::stop() {
  context().stop();
}

void EventLoop::post(std::function<void()> task) {
  asio::post(context(), std::move(task));
}

// A wait that was served already but whose handler is still queued cannot be cancelled in Asio:
// the generation tells it from the current one.
class Timer::State : public std::enable_shared_from_this<State> {
 public:
  State(EventLoop& loop, std::function<void()> on_expiry)
      : timer_(loop.context()), on_expiry_(std::move(on_expiry)) {}

  void start_at(Clock::time_point deadline) {
    cancel();
    running_ = true;
    timer_.expires_at(deadline);
    timer_.async_wait([self = shared_from_this(), generation = generation_](const auto&) {
      if (generation == self->generation_) self->expire();
    });
  }

  void cancel() {
    ++generation_;
    running_ = false;
    boost::system::error_code ignored;  // There is nothing that can go wrong.
    timer_.cancel(ignored);
  }

  bool is_running() const { return running_; }

 private:
  void expire() {
    running_ = false;
    on_expiry_();
  }

  asio::steady_timer timer_;
  std::function<void()> on_expiry_;
  std::uint64_t generation_ = 0;
  bool running_ = false;
};

Timer::Timer(EventLoop& loop, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(loop, std::move(on_expiry))) {}

Timer::~Timer() {
  state_->cancel();
}

void Timer::start_at(Clock::time_point deadline) {
  state_->start_at(deadline);
}

void Timer::cancel() {
  state_->cancel();
}

bool Timer::is_running() const {
  return state_->is_running();
}

class SignalWatch::State : public std::enable_shared_from_this<State> {
 public:
  State(EventLoop& loop, std::initializer_list<int> signals, std::function<void(int)> on_signal)
      : signals_(loop.context()), on_signal_(std::move(on_signal)) {
    for (const int signal : signals) signals_.add(signal);
  }

  void wait() {
    signals_.async_wait([self = shared_from_this()](const auto& error, int signal) {
      if (error || self->stopped_) return;
      self->wait();
      self->on_signal_(signal);
    });
  }

  void stop() {
    stopped_ = true;
    boost::system::error_code ignored;  // Nobody is left to tell.
    signals_.clear(ignored);
    signals_.cancel(ignored);
  }

 private:
  asio::signal_set signals_;
  std::function<void(int)> on_signal_;
  bool stopped_ = false;
};

SignalWatch::SignalWatch(EventLoop& loop, std::initializer_list<int> signals,
                         std::function<void(int)> on_signal)
    : state_(std::make_shared<State>(loop, signals, std::move(on_signal))) {
  state_->wait();
}

SignalWatch::~SignalWatch() {
  state_->stop();
}

}  // namespace fabrix::io
