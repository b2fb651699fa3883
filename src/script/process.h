// Process: a fabrix-script that runs, and the messages between it and us.
//
// Whatever it says or does, it costs us no more than the messages that have come, which are bounded
// (kMaxMessage); while it is held nothing is read, and it waits. Destroying this kills it, and
// waits for it. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.h"
#include "io/event_loop.h"

namespace fabrix::script {

class Process {
 public:
  struct Callbacks {
    std::function<void(const std::string& message)> on_message;
    // Once, with how it ended; nothing follows. It must not destroy this.
    std::function<void(const std::string& how)> on_end;
  };

  // `program` is fabrix-script.
  static Result<std::unique_ptr<Process>> start(io::EventLoop& loop, const std::string& program,
                                                std::size_t memory_mib, Callbacks callbacks);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  Process(Process&&) = delete;
  Process& operator=(Process&&) = delete;

  void send(std::string_view message);

  // No messages until go_on().
  void hold();
  void go_on();

  // on_end follows.
  void kill();

  // That it has used so far.
  std::chrono::nanoseconds cpu_time() const;

  pid_t pid() const;

 private:
  class Impl;
  explicit Process(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::script
