// Server: the local protocol (api/protocol.h) on a unix socket, for `fabrix show` and its like. At
// most kMaxClients at once; permissions of the path are the access control. Loop's thread only.
#pragma once

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

  // What `handlers` points to must outlive the server.
  static Result<std::unique_ptr<Server>> start(io::EventLoop& loop, const std::string& path,
                                               const Handlers& handlers);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::api
