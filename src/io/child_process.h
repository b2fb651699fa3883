// ChildProcess: a running program that the event loop watches: its output and its end.
//
// The exit callback comes exactly once, from the loop, after all output callbacks of what the child
// itself wrote. Destroying a ChildProcess that still runs kills it (SIGKILL to its process group)
// and waits for it: nothing outlives its owner by accident. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include <sys/types.h>

#include "base/result.h"
#include "io/event_loop.h"
#include "io/spawn.h"

namespace fabrix::io {

struct DiscardOutput {};

// Appended to; created if missing.
struct OutputToFile {
  std::string path;
};

using OutputCallback = std::function<void(std::span<const std::byte>)>;
using OutputTarget = std::variant<DiscardOutput, OutputToFile, OutputCallback>;

struct ChildOptions {
  ProcessOptions process;
  OutputTarget out;
  OutputTarget err;
};

class ChildProcess {
 public:
  using OnExit = std::function<void(const ExitStatus&)>;

  static Result<ChildProcess> start(EventLoop& loop, const ChildOptions& options, OnExit on_exit);

  ChildProcess(ChildProcess&&) noexcept = default;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  pid_t pid() const;
  bool is_running() const;

  // Set once it has ended.
  std::optional<ExitStatus> exit_status() const;

  // Nothing happens if it has ended.
  void send_signal(int signal);

  // SIGTERM now, SIGKILL to the whole group if it still runs after `grace`.
  void terminate(std::chrono::milliseconds grace);

 private:
  class Child;
  explicit ChildProcess(std::shared_ptr<Child> child);
  std::shared_ptr<Child> child_;
};

}  // namespace fabrix::io
