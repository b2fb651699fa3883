#include "lab/throughput.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "io/connector.h"
#include "io/event_loop.h"
#include "io/listener.h"
#include "io/namespace.h"

namespace fabrix::lab {
namespace {

constexpr std::uint16_t kPort = 5201;  // iperf3's
constexpr std::size_t kPiece = std::size_t{128} << 10U;
// For what comes before the measurement: a SYN may get lost, and TCP repeats it after one second.
constexpr std::chrono::milliseconds kConnectWithin{4000};

class Meter {
 public:
  explicit Meter(const Stretch& stretch) : stretch_(stretch), piece_(kPiece) {}

  Result<double> run() {
    if (auto done = listen(); !done) return fail(done.error());
    if (auto done = connect(); !done) return fail(done.error());
    const auto flowing = [this] { return !error_.empty() || last_ > first_; };
    if (!loop_.run_until(flowing, 2 * kConnectWithin)) return fail(Error{"nothing arrived"});
    loop_.run_until([this] { return !error_.empty(); }, stretch_.duration);
    if (!error_.empty()) return fail(Error{error_});
    if (sender_) sender_->abort();
    const std::chrono::duration<double> took = last_ - first_;
    return static_cast<double>(received_) * 8 / took.count();
  }

 private:
  Result<void> listen() {
    FABRIX_TRY(const auto scope, io::NamespaceScope::enter(stretch_.to.network_namespace));
    FABRIX_TRY(listener_,
               io::Listener::listen(loop_, io::IpEndpoint{stretch_.destination, kPort}, {},
                                    [this](io::ByteStream stream) { accept(std::move(stream)); }));
    return {};
  }

  Result<void> connect() {
    FABRIX_TRY(const auto scope, io::NamespaceScope::enter(stretch_.from.network_namespace));
    io::ConnectOptions options;
    options.timeout = kConnectWithin;
    options.source = io::IpEndpoint{stretch_.source, 0};
    connector_ = std::make_unique<io::Connector>(
        loop_, io::IpEndpoint{stretch_.destination, kPort}, options,
        [this](Result<io::ByteStream> stream) { connected(std::move(stream)); });
    return {};
  }

  void accept(io::ByteStream stream) {
    receiver_.emplace(std::move(stream));
    first_ = io::EventLoop::now();
    receiver_->start({.on_data =
                          [this](auto bytes) {
                            received_ += bytes.size();
                            last_ = io::EventLoop::now();
                          },
                      .on_end = {},
                      .on_drained = {}});
  }

  void connected(Result<io::ByteStream> stream) {
    if (!stream) {
      error_ = stream.error().message;
      return;
    }
    sender_.emplace(*std::move(stream));
    sender_->start({.on_data = {}, .on_end = {}, .on_drained = [this] { fill(); }});
    fill();
  }

  void fill() {
    while (!sender_->congested() && sender_->write(piece_)) {
    }
  }

  const Stretch& stretch_;
  std::vector<std::byte> piece_;
  io::EventLoop loop_;
  std::optional<io::Listener> listener_;
  std::unique_ptr<io::Connector> connector_;
  std::optional<io::ByteStream> sender_;
  std::optional<io::ByteStream> receiver_;
  std::size_t received_ = 0;
  io::Clock::time_point first_;
  io::Clock::time_point last_;
  std::string error_;
};

}  // namespace

Result<double> measure_throughput(const Stretch& stretch) {
  return Meter(stretch).run();
}

}  // namespace fabrix::lab
