// ScriptOutlet: what one script sends: requests over HTTP and lines of syslog, to the targets that
// the operator allows and no others.
//
//   http://192.0.2.1:8181          requests to this address and port
//   http://odl.example.net=192.0.2.1   by this name, which is not looked up: no names are
//   udp://192.0.2.1:514            syslog (RFC 5424 over RFC 5426)
//
// HTTP is without TLS, and a redirection is an answer like others. Bounded: kMaxAtOnce requests
// under way, kEachSecond requests and lines, answers of 1 MiB within 10 seconds. Loop's thread
// only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "http/client.h"
#include "io/datagram_socket.h"
#include "io/dialer.h"
#include "io/event_loop.h"
#include "script/allowance.h"

namespace fabrix::analyzer {

struct AllowedTarget {
  std::string scheme;  // one of kSchemes
  std::string host;    // as it must be written, in lower case; of "dns" what names end with
  std::uint16_t port = 0;
  std::optional<net::IpAddress> address;  // it is looked up if there is none

  friend bool operator==(const AllowedTarget&, const AllowedTarget&) = default;
};

Result<AllowedTarget> parse_target(std::string_view text);

// Where a URL leads.
struct UrlParts {
  std::string scheme;
  std::string host;
  std::uint16_t port = 80;
  std::string target;  // path and query
};

Result<UrlParts> parse_url(std::string_view text);

// RFC 5424 §6.2.1.
struct SyslogLine {
  double facility = 0;
  double severity = 0;
  std::string_view text;  // of one line
  std::chrono::system_clock::time_point time;
};

class ScriptOutlet {
 public:
  static constexpr std::size_t kMaxAtOnce = 8;
  static constexpr double kEachSecond = 20;

  // Null: it will never be answered.
  using Done = std::function<void(Result<boost::json::value>)>;

  // `ca_file` as TlsOptions has it; `directory` is where certificates of the script's own are.
  ScriptOutlet(io::EventLoop& loop, std::vector<AllowedTarget> allowed, std::string ca_file = {},
               std::string directory = {})
      : loop_(loop),
        allowed_(std::move(allowed)),
        ca_file_(std::move(ca_file)),
        directory_(std::move(directory)) {}

  // {"url", "method", "headers", "body"}, and perhaps "certs", the name of a file in the directory
  // (TlsOptions::identity_file); the answer is {"status", "headers", "body"}. `done` is
  // called once, from the loop. Fails at once with what is not allowed.
  Result<void> request(const boost::json::object& what, Done done);

  // Over a connection of its own. The answer is true: they have been handed over. As request().
  Result<void> send_lines(std::string_view host, double port, std::string text, Done done);

  // The answer is the addresses of a host. As request().
  Result<void> look_up(const std::string& name, Done done);

  Result<void> syslog(std::string_view address, double port, const SyslogLine& line);

  // Gives all requests up; nothing is called.
  void clear() { under_way_.clear(); }

 private:
  using UnderWay = std::list<std::shared_ptr<void>>;

  Result<io::HostEndpoint> find(std::string_view scheme, std::string_view host,
                                std::uint16_t port) const;
  Result<io::TlsOptions> tls_of(const UrlParts& url, const boost::json::object& what) const;
  Result<UnderWay::iterator> begin();
  Done ended(UnderWay::iterator place, Done done);

  io::EventLoop& loop_;
  std::vector<AllowedTarget> allowed_;
  std::string ca_file_;
  std::string directory_;
  UnderWay under_way_;  // whatever asks
  std::map<net::Family, io::DatagramSocket> sockets_;
  script::Allowance allowance_{kEachSecond, 2 * kEachSecond};
};

}  // namespace fabrix::analyzer
