// Server: the local protocol (api/protocol.h) on a unix socket, for `fabrix show` and its like.
//
// Permissions of the path are the access control. No client can cost more than its share: one above
// kMaxClients is told so and closed; one that is silent, or does not read its answer, for the idle
// limit is closed; a client's next request waits until its previous answers are nearly all taken. A
// client may close its own direction and still gets its answers.
//
// A client that monitors is never too silent, and is not waited for: while 1 MiB (StreamLimits)
// waits for it, it loses events. It is gone when it closes its direction. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "api/protocol.h"
#include "base/result.h"
#include "io/event_loop.h"

namespace fabrix::api {

class Server {
 public:
  static constexpr std::size_t kMaxClients = 64;
  static constexpr std::chrono::milliseconds kIdleLimit{60'000};

  // What `handlers` points to must outlive the server.
  static Result<std::unique_ptr<Server>> start(io::EventLoop& loop, const std::string& path,
                                               const Handlers& handlers,
                                               std::chrono::milliseconds idle_limit = kIdleLimit);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::api
