// HttpClient: posts to one server (HTTP/1.1, RFC 9112), one request at a time, over a connection
// that is kept.
//
// A request that is not answered within kPatience has failed. A kept connection that turns out to
// be closed is dialled again once. Of an answer kLongestAnswer octets are read; a longer one is a
// failure. Loop's thread only; never blocks.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/endpoint.h"
#include "io/event_loop.h"

namespace fabrix::exports {

struct HttpPost {
  std::string target;                                          // "/write?db=fabrix"
  std::vector<std::pair<std::string, std::string>> headers{};  // beside Host and what frames it
  std::string body;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

class HttpClient {
 public:
  static constexpr std::chrono::seconds kPatience{30};
  static constexpr std::size_t kLongestAnswer = std::size_t{64} << 10U;

  // Once, from the loop, unless the client is destroyed before. It may post again.
  using OnAnswer = std::function<void(Result<HttpAnswer>)>;

  HttpClient(io::EventLoop& loop, const io::IpEndpoint& server);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  HttpClient(HttpClient&&) = delete;
  HttpClient& operator=(HttpClient&&) = delete;

  // The one before has been answered.
  void post(const HttpPost& request, OnAnswer on_answer);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The value of an Authorization field (RFC 7617).
std::string basic_authorization(const std::string& user, const std::string& password);

}  // namespace fabrix::exports
