#include "io/child_process.h"

#include <array>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>

#include "io/descriptor_watch.h"
#include "io/pipe.h"

namespace fabrix::io {
namespace {

// Where one output of the child goes: the descriptor it writes to, and our end of it, if any.
struct Outlet {
  FileDescriptor writer;  // invalid: /dev/null
  FileDescriptor reader;
  OutputCallback take;
};

Result<Outlet> open_outlet(const OutputTarget& target) {
  Outlet outlet;
  if (const auto* file = std::get_if<OutputToFile>(&target)) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    outlet.writer = FileDescriptor(open(file->path.c_str(), kFlags, 0644));
    if (!outlet.writer.valid()) return fail(errno_error(file->path));
  } else if (const auto* take = std::get_if<OutputCallback>(&target)) {
    FABRIX_TRY(Pipe pipe, open_pipe());
    outlet.writer = std::move(pipe.writer);
    outlet.reader = std::move(pipe.reader);
    outlet.take = *take;
  }
  return outlet;
}

// That a wait for it has ended does not say so: Asio may wake for what was another descriptor's.
bool has_ended(const SpawnedProcess& process) {
  pollfd one{.fd = process.pidfd.get(), .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) == 1;
}

}  // namespace

class ChildProcess::Child : public std::enable_shared_from_this<Child> {
 public:
  Child(EventLoop& loop, SpawnedProcess process, OnExit on_exit)
      : loop_(loop), process_(std::move(process)), on_exit_(std::move(on_exit)) {}

  void watch(std::array<Outlet, 2> outlets) {
    for (std::size_t i = 0; i < outlets.size(); ++i) {
      outputs_.at(i).outlet = std::move(outlets.at(i));
      if (!outputs_.at(i).outlet.reader.valid()) continue;
      outputs_.at(i).watch.emplace(loop_, outputs_.at(i).outlet.reader.get());
      await_output(i);
    }
    exit_watch_.emplace(loop_, process_.pidfd.get());
    await_end();
  }

  void send_signal(int signal) {
    if (is_running()) io::send_signal(process_, signal);
  }

  void terminate(std::chrono::milliseconds grace) {
    if (!is_running()) return;
    terminating_ = true;
    io::send_signal(process_, SIGTERM);
    grace_timer_.emplace(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->kill_group();
    });
    grace_timer_->start(grace);
  }

  void abandon() {
    abandoned_ = true;
    close_watches();
    if (!is_running()) return;
    kill_group();
    status_ = reap(process_);
  }

  pid_t pid() const { return process_.pid; }
  bool is_running() const { return !status_; }
  std::optional<ExitStatus> status() const { return status_; }

 private:
  struct Output {
    Outlet outlet;
    std::optional<DescriptorWatch> watch;
  };

  void await_output(std::size_t index) {
    outputs_.at(index).watch->wait_readable([self = shared_from_this(), index] {
      if (self->read_output(index) == PipeState::kEnded) return;
      if (self->outputs_.at(index).watch) self->await_output(index);
    });
  }

  PipeState read_output(std::size_t index) {
    Output& output = outputs_.at(index);
    if (!output.watch) return PipeState::kEnded;
    const PipeState state = read_pipe(output.outlet.reader.get(), [&](auto bytes) {
      if (!abandoned_ && output.outlet.take) output.outlet.take(bytes);
    });
    if (state == PipeState::kEnded) output.watch.reset();
    return state;
  }

  void await_end() {
    exit_watch_->wait_readable([self = shared_from_this()] {
      if (!has_ended(self->process_)) return self->await_end();
      self->ended();
    });
  }

  // What it started may still hold the pipes open; what it wrote itself is in them by now.
  void ended() {
    for (std::size_t i = 0; i < outputs_.size(); ++i) read_output(i);
    if (abandoned_) return;          // by an output callback
    if (terminating_) kill_group();  // before reap(): until then the group's number is its own
    status_ = reap(process_);
    close_watches();
    if (on_exit_) on_exit_(*status_);
  }

  void kill_group() {
    if (is_running()) send_signal_to_group(process_, SIGKILL);
  }

  void close_watches() {
    exit_watch_.reset();
    grace_timer_.reset();
    for (Output& output : outputs_) output.watch.reset();
  }

  EventLoop& loop_;
  SpawnedProcess process_;
  OnExit on_exit_;
  std::array<Output, 2> outputs_;
  std::optional<DescriptorWatch> exit_watch_;
  std::optional<Timer> grace_timer_;
  std::optional<ExitStatus> status_;
  bool terminating_ = false;
  bool abandoned_ = false;
};

Result<ChildProcess> ChildProcess::start(EventLoop& loop, const ChildOptions& options,
                                         OnExit on_exit) {
  FABRIX_TRY(Outlet out, open_outlet(options.out));
  FABRIX_TRY(Outlet err, open_outlet(options.err));
  const OutputDescriptors output{.out = out.writer.get(), .err = err.writer.get()};
  FABRIX_TRY(SpawnedProcess process, spawn(options.process, output));
  out.writer.close();
  err.writer.close();
  auto child = std::make_shared<Child>(loop, std::move(process), std::move(on_exit));
  child->watch({std::move(out), std::move(err)});
  return ChildProcess(std::move(child));
}

ChildProcess::ChildProcess(std::shared_ptr<Child> child) : child_(std::move(child)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    if (child_) child_->abandon();
    child_ = std::move(other.child_);
  }
  return *this;
}

ChildProcess::~ChildProcess() {
  if (child_) child_->abandon();
}

pid_t ChildProcess::pid() const {
  return child_->pid();
}

bool ChildProcess::is_running() const {
  return child_->is_running();
}

std::optional<ExitStatus> ChildProcess::exit_status() const {
  return child_->status();
}

void ChildProcess::send_signal(int signal) {
  child_->send_signal(signal);
}

void ChildProcess::terminate(std::chrono::milliseconds grace) {
  child_->terminate(grace);
}

}  // namespace fabrix::io
