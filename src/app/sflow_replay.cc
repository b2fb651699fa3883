// `fabrix sflow replay` and `fabrix sflow forward`: datagrams sent on, as they are.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "analyzer/playback.h"
#include "app/arguments.h"
#include "app/sflow_input.h"
#include "app/sflow_verbs.h"
#include "app/udp_endpoint_text.h"
#include "io/datagram_socket.h"
#include "sflow/datagram.h"

namespace fabrix::app {
namespace {

constexpr std::string_view kReplayUsage =
    "usage: fabrix sflow replay FILE --to ADDRESS[:PORT][,...] [--speed X|max] [--port N|any]\n"
    "\n"
    "Sends the sFlow datagrams of a capture (pcap or pcapng; - is stdin) again, unchanged and "
    "with\n"
    "the pauses that they came with.\n"
    "\n"
    "  --to       where to, several separated by commas; without a port it is 6343\n"
    "  --speed X  X times as fast (0.5: half as fast); max: without pauses; default 1\n"
    "  --port N   datagrams of the capture to this UDP port; default 6343\n"
    "\n"
    "Who receives them measures rates by its own clock: X times what they were. `fabrix sflow "
    "analyze\n"
    "FILE` measures a capture by the capture's clock, at any speed.\n"
    "\n"
    "Ends with 65 if the file is no capture, with 1 if a datagram cannot be sent.\n";

constexpr std::string_view kForwardUsage =
    "usage: fabrix sflow forward --listen ADDRESS[:PORT] --to ADDRESS[:PORT][,...]\n"
    "\n"
    "Sends each datagram that comes to --listen on to all of --to, unchanged, until ^C. They see\n"
    "this machine as its source; the agent's address is inside. Without a port it is 6343.\n";

// Sends each datagram to all.
class Sender {
 public:
  static Result<Sender> open(std::vector<io::IpEndpoint> to) {
    Sender sender(std::move(to));
    for (const auto& endpoint : sender.to_) {
      auto& socket = sender.socket_for(endpoint);
      if (socket) continue;
      FABRIX_TRY(auto opened, io::DatagramSocket::open(endpoint.address.family()));
      socket = std::move(opened);
    }
    return sender;
  }

  Reading send(const SflowDatagram& datagram) {
    for (const auto& endpoint : to_) {
      const auto sent = socket_for(endpoint)->send(endpoint, datagram.octets);
      if (sent) continue;
      error_ = sent.error().message;
      return Reading::kStop;
    }
    ++sent_;
    return Reading::kContinue;
  }

  // How it ended.
  ExitCode conclude() const {
    fmt::print(stderr, "{} datagrams sent\n", sent_);
    return error_ ? complain(ExitCode::kFailed, *error_) : ExitCode::kOk;
  }

 private:
  explicit Sender(std::vector<io::IpEndpoint> to) : to_(std::move(to)) {}

  std::optional<io::DatagramSocket>& socket_for(const io::IpEndpoint& endpoint) {
    return sockets_.at(endpoint.address.family() == net::Family::kIpv4 ? 0 : 1);
  }

  std::vector<io::IpEndpoint> to_;
  std::array<std::optional<io::DatagramSocket>, 2> sockets_;  // one a family
  std::uint64_t sent_ = 0;
  std::optional<std::string> error_;
};

Result<Sender> sender_to(const Arguments& arguments) {
  FABRIX_TRY(auto to, parse_udp_endpoints(*arguments.value("--to"), sflow::kDefaultPort));
  return Sender::open(std::move(to));
}

// When a datagram of the capture is due.
class Pace {
 public:
  // None: at once.
  explicit Pace(std::optional<double> speed) : speed_(speed) {}

  void wait_for(std::chrono::nanoseconds time) {
    if (!speed_) return;
    if (!first_) first_ = time;
    // Captures of several interfaces may go back in time a little.
    const auto since = std::max(time - *first_, std::chrono::nanoseconds(0));
    const std::chrono::duration<double, std::nano> due(static_cast<double>(since.count()) /
                                                       *speed_);
    std::this_thread::sleep_until(
        begin_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(due));
  }

 private:
  std::optional<double> speed_;
  std::optional<std::chrono::nanoseconds> first_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

ExitCode sflow_replay(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--to", "--speed", "--port"}, .switches = {"--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kReplayUsage);
  if (arguments->words().size() != 1 || !arguments->value("--to")) return misused(kReplayUsage);
  const auto port = captured_port(*arguments);
  if (!port) return complain(ExitCode::kUsage, "sflow replay: " + port.error().message);
  const auto speed = analyzer::parse_playback_speed(arguments->value("--speed").value_or("1"));
  if (!speed) return complain(ExitCode::kUsage, "sflow replay: " + speed.error().message);
  auto sender = sender_to(*arguments);
  if (!sender) return complain(ExitCode::kUsage, "sflow replay: " + sender.error().message);
  Pace pace(*speed);
  const auto read = read_capture(arguments->words()[0], *port, [&](const SflowDatagram& datagram) {
    pace.wait_for(datagram.time);
    return sender->send(datagram);
  });
  if (!read) return complain(read.error().code, read.error().message);
  return sender->conclude();
}

ExitCode sflow_forward(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--listen", "--to"}, .switches = {"--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kForwardUsage);
  const auto listen = arguments->value("--listen");
  const bool given = listen.has_value() && arguments->value("--to").has_value();
  if (!arguments->words().empty() || !given) return misused(kForwardUsage);
  const auto local = parse_udp_endpoint(*listen, sflow::kDefaultPort);
  if (!local) return complain(ExitCode::kUsage, "sflow forward: " + local.error().message);
  auto sender = sender_to(*arguments);
  if (!sender) return complain(ExitCode::kUsage, "sflow forward: " + sender.error().message);
  const auto listened = listen_for_datagrams(
      *local, [&](const SflowDatagram& datagram) { return sender->send(datagram); }, [] {});
  if (!listened) return complain(ExitCode::kFailed, listened.error().message);
  return sender->conclude();
}

}  // namespace fabrix::app
