#include "io/dialer.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "io/connector.h"
#include "io/host_lookup.h"

namespace fabrix::io {

class Dialer::Impl {
 public:
  Impl(EventLoop& loop, const HostEndpoint& peer, std::chrono::milliseconds timeout, OnDone on_done,
       const std::string& dns)
      : loop_(loop),
        port_(peer.port),
        on_done_(std::move(on_done)),
        deadline_(loop, [this] { finish(fail(Error{"the host does not answer in time"})); }),
        timeout_(timeout),
        lookup_(
            loop, peer.host,
            [this](Result<std::vector<net::IpAddress>> addresses) {
              if (!addresses) return finish(fail(addresses.error()));
              addresses_ = *std::move(addresses);
              connect();
            },
            dns) {
    deadline_.start(timeout);
  }

 private:
  void connect() {
    const IpEndpoint to{.address = addresses_[next_++], .port = port_};
    connector_.emplace(loop_, to, ConnectOptions{.timeout = timeout_},
                       [this](Result<ByteStream> stream) {
                         if (stream || next_ == addresses_.size()) return finish(std::move(stream));
                         connect();
                       });
  }

  // This may be gone when it returns.
  void finish(Result<ByteStream> result) {
    deadline_.cancel();
    const OnDone tell = std::exchange(on_done_, nullptr);
    if (tell) tell(std::move(result));
  }

  EventLoop& loop_;
  std::uint16_t port_;
  OnDone on_done_;
  Timer deadline_;
  std::chrono::milliseconds timeout_;
  std::vector<net::IpAddress> addresses_;
  std::size_t next_ = 0;  // of them, to be tried
  std::optional<Connector> connector_;
  HostLookup lookup_;
};

Dialer::Dialer(EventLoop& loop, const HostEndpoint& peer, std::chrono::milliseconds timeout,
               OnDone on_done, const std::string& dns)
    : impl_(std::make_unique<Impl>(loop, peer, timeout, std::move(on_done), dns)) {}
Dialer::~Dialer() = default;

std::string to_string(const HostEndpoint& endpoint) {
  const bool is_ip6 = endpoint.host.find(':') != std::string::npos;
  return is_ip6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
                : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

}  // namespace fabrix::io
