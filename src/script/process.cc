#include "script/process.h"

#include <array>
#include <csignal>
#include <ctime>
#include <optional>
#include <span>
#include <utility>

#include <sys/socket.h>

#include "io/byte_stream.h"
#include "io/descriptor_watch.h"
#include "io/file_descriptor.h"
#include "io/spawn.h"
#include "script/frames.h"
#include "script/limits.h"

namespace fabrix::script {
namespace {

// Of its exit codes (engine/main.cc).
constexpr int kNoMemory = 71;
constexpr int kNoSandbox = 72;

std::string story_of(const io::ExitStatus& status) {
  if (status.signal == 0 && status.code == kNoMemory) return "ran out of memory";
  if (status.signal == 0 && status.code == kNoSandbox) return "could not be confined";
  return to_string(status);
}

}  // namespace

class Process::Impl {
 public:
  Impl(io::EventLoop& loop, io::FileDescriptor socket, io::SpawnedProcess process,
       Callbacks callbacks)
      : callbacks_(std::move(callbacks)),
        process_(std::move(process)),
        frames_(kMaxMessage),
        stream_(loop, std::move(socket), {.max_queued = 2 * kMaxMessage}),
        exit_watch_(std::in_place, loop, process_.pidfd.get()),
        deliver_(loop, [this] { deliver(); }) {
    stream_.start({.on_data =
                       [this](std::span<const std::byte> octets) {
                         frames_.append(octets);
                         deliver();
                       },
                   .on_end = {},
                   .on_drained = {}});
    exit_watch_->wait_readable([this] { end(); });
  }

  ~Impl() {
    if (has_ended_) return;
    kill();
    io::reap(process_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  void send(std::string_view message) {
    const std::string frame = frame_of(message);
    // It asks once at a time: what is too much for the queue is no answer to anything.
    if (!stream_.write(std::as_bytes(std::span(frame)))) kill();
  }

  void hold() {
    is_held_ = true;
    stream_.pause_reading();
  }

  void go_on() {
    if (!std::exchange(is_held_, false)) return;
    stream_.resume_reading();
    // Not within the caller's call.
    deliver_.start(std::chrono::milliseconds(0));
  }

  void kill() {
    if (!has_ended_) io::send_signal(process_, SIGKILL);
  }

  std::chrono::nanoseconds cpu_time() const {
    clockid_t clock{};
    timespec time{};
    if (has_ended_ || clock_getcpuclockid(process_.pid, &clock) != 0 ||
        clock_gettime(clock, &time) != 0) {
      return std::chrono::nanoseconds(0);
    }
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  pid_t pid() const { return process_.pid; }

 private:
  void deliver() {
    while (!is_held_ && !has_ended_) {
      const auto message = frames_.next();
      if (!message) break;
      callbacks_.on_message(*message);
    }
    if (frames_.is_broken()) kill();
  }

  // What it said last counts.
  void end() {
    stream_.read_now();
    has_ended_ = true;
    const io::ExitStatus status = io::reap(process_);
    exit_watch_.reset();
    callbacks_.on_end(story_of(status));
  }

  Callbacks callbacks_;
  io::SpawnedProcess process_;
  FrameReader frames_;
  io::ByteStream stream_;
  std::optional<io::DescriptorWatch> exit_watch_;
  io::Timer deliver_;
  bool is_held_ = false;
  bool has_ended_ = false;
};

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Process::~Process() = default;

Result<std::unique_ptr<Process>> Process::start(io::EventLoop& loop, const std::string& program,
                                                std::size_t memory_mib, Callbacks callbacks) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(io::errno_error("socketpair"));
  }
  io::FileDescriptor ours(ends[0]);
  const io::FileDescriptor theirs(ends[1]);
  io::ProcessOptions options;
  options.argv = {program, std::to_string(memory_mib)};
  options.parent_death = io::ParentDeath::kKill;
  FABRIX_TRY(auto process, io::spawn(options, {.out = theirs.get(), .err = -1}));
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<Process>(new Process(
      std::make_unique<Impl>(loop, std::move(ours), std::move(process), std::move(callbacks))));
}

void Process::send(std::string_view message) {
  impl_->send(message);
}

void Process::hold() {
  impl_->hold();
}

void Process::go_on() {
  impl_->go_on();
}

void Process::kill() {
  impl_->kill();
}

std::chrono::nanoseconds Process::cpu_time() const {
  return impl_->cpu_time();
}

pid_t Process::pid() const {
  return impl_->pid();
}

}  // namespace fabrix::script
