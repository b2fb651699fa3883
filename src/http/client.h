// Client: one request to a server, and its answer (RFC 9110, RFC 9112): HTTP/1.1 over TCP or TLS
// (io/tls_client.h), on a connection of its own. A server's name is looked up.
//
// The callback comes once, from the loop, with the answer or what went wrong, within the time
// limit; never after this is destroyed, which gives the request up. The answer holds at most the
// limits. Redirections are answers like others. Loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "io/dialer.h"
#include "io/event_loop.h"
#include "io/tls_client.h"

namespace fabrix::http {

struct OutgoingRequest {
  io::HostEndpoint server;
  std::optional<io::TlsOptions> tls{};  // https
  std::string
      host;  // of the Host field: a name or address, with the port if it is not the usual one
  std::string method = "GET";
  std::string target = "/";     // path and query, encoded
  std::vector<Header> headers;  // further ones; not those that frame the body
  std::string body;
};

struct IncomingResponse {
  unsigned status = 0;
  std::vector<Header> headers;  // names in lower case
  std::string body;
};

struct ClientLimits {
  std::chrono::milliseconds time{10'000};
  std::uint32_t header_octets = 16U << 10U;
  std::uint64_t body_octets = 1U << 20U;
};

class Client {
 public:
  using OnDone = std::function<void(Result<IncomingResponse>)>;

  Client(io::EventLoop& loop, const OutgoingRequest& request, const ClientLimits& limits,
         OnDone on_done);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&&) = delete;
  Client& operator=(Client&&) = delete;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether it can be sent as it is: a token (RFC 9110 §5.6.2), and text without control characters.
bool is_token(std::string_view text);
bool is_field_value(std::string_view text);

}  // namespace fabrix::http
