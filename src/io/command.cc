#include "io/command.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <span>
#include <utility>

#include <poll.h>

#include "io/event_loop.h"
#include "io/pipe.h"

namespace fabrix::io {
namespace {

// The process at work and what it has said so far.
struct Running {
  SpawnedProcess process;
  FileDescriptor out;  // invalid once ended
  FileDescriptor err;
  std::size_t max_output = 0;
  CommandOutput output;
};

void collect(FileDescriptor& pipe, std::string& text, std::size_t limit) {
  if (!pipe.valid()) return;
  const PipeState state = read_pipe(pipe.get(), [&](std::span<const std::byte> bytes) {
    const std::size_t room = limit - std::min(limit, text.size());
    for (const std::byte byte : bytes.first(std::min(room, bytes.size()))) {
      text.push_back(static_cast<char>(byte));
    }
  });
  if (state == PipeState::kEnded) pipe.close();
}

void collect_all(Running& running) {
  collect(running.out, running.output.out, running.max_output);
  collect(running.err, running.output.err, running.max_output);
}

// Collects output until the process ends (true) or the deadline passes.
bool await_end(Running& running, Clock::time_point deadline) {
  while (true) {
    // poll() ignores the pipes that have ended: their descriptor is -1.
    std::array<pollfd, 3> waits{{{running.process.pidfd.get(), POLLIN, 0},
                                 {running.out.get(), POLLIN, 0},
                                 {running.err.get(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    const auto timeout = static_cast<int>(std::min<std::int64_t>(left, 60'000));
    poll(waits.data(), waits.size(), timeout);
    collect_all(running);
    if (waits[0].revents != 0) break;
  }
  collect_all(running);  // what came between our reading and its end
  return true;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

}  // namespace

Result<CommandOutput> run_command(const CommandOptions& options) {
  const Clock::time_point deadline = Clock::now() + options.timeout;
  FABRIX_TRY(Pipe out, open_pipe());
  FABRIX_TRY(Pipe err, open_pipe());
  const OutputDescriptors output{.out = out.writer.get(), .err = err.writer.get()};
  Running running;
  FABRIX_TRY(running.process, spawn(options.process, output));
  out.writer.close();
  err.writer.close();
  running.out = std::move(out.reader);
  running.err = std::move(err.reader);
  running.max_output = options.max_output;
  const bool ended = await_end(running, deadline);
  if (!ended) send_signal_to_group(running.process, SIGKILL);
  running.output.status = reap(running.process);
  if (ended) return std::move(running.output);
  return fail(Error{options.process.argv.front() + ": not done in " +
                    std::to_string(options.timeout.count()) + " ms"});
}

Result<std::string> run_checked(const CommandOptions& options) {
  FABRIX_TRY(CommandOutput output, run_command(options));
  if (output.status.success()) return std::move(output.out);
  return fail(Error{options.process.argv.front() + ": " + to_string(output.status) + ": " +
                    first_line(output.err)});
}

}  // namespace fabrix::io
