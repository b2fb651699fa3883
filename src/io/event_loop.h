// EventLoop: one thread's wait for the world. Timers, descriptors and signals call back from here.
//
// Everything made from a loop belongs to the loop's thread and must be destroyed before the loop;
// only post() and stop() may be called from other threads. Callbacks never run inside the call that
// asked for them, and never after the object that they belong to is gone. They must not throw and
// must not run the loop again.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace fabrix::io {

using Clock = std::chrono::steady_clock;

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  EventLoop(EventLoop&&) = delete;
  EventLoop& operator=(EventLoop&&) = delete;

  // Serves events until stop(). Can be run again afterwards.
  void run();

  // Serves events until `done` (asked after each event) says so or `limit` has passed; returns what
  // `done` said last.
  bool run_until(const std::function<bool()>& done, Clock::duration limit);

  // Makes run() (or run_until) return after the event at hand. Any thread.
  void stop();

  // Runs `task` from the loop, after what is already waiting. Any thread.
  void post(std::function<void()> task);

  static Clock::time_point now() { return Clock::now(); }

  // For what speaks Boost.Asio itself.
  boost::asio::io_context& context();

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

// Timer: calls back once when its time has come, unless cancelled, restarted or destroyed first.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> on_expiry);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  Timer(Timer&&) = delete;
  Timer& operator=(Timer&&) = delete;

  // A running timer is restarted.
  void start_at(Clock::time_point deadline);
  void start(Clock::duration delay) { start_at(Clock::now() + delay); }

  void cancel();
  bool is_running() const;

 private:
  class State;
  // Shared, against the house rule: the loop's queue shares it until the cancelled wait has been
  // served.
  std::shared_ptr<State> state_;
};

// SignalWatch: calls back with the number of each signal that arrives. SIGCHLD is nobody's:
// children are watched through their own descriptors.
class SignalWatch {
 public:
  SignalWatch(EventLoop& loop, std::initializer_list<int> signals,
              std::function<void(int)> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  SignalWatch(SignalWatch&&) = delete;
  SignalWatch& operator=(SignalWatch&&) = delete;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace fabrix::io
