#include "app/sflow_input.h"

#include <csignal>
#include <cstdio>
#include <span>

#include <fmt/format.h>

#include "app/captured_datagram.h"
#include "capture/capture_reader.h"
#include "exchange/stream_address.h"
#include "io/datagram_socket.h"
#include "io/descriptor_watch.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "sflow/datagram.h"

namespace fabrix::app {
namespace {

constexpr std::size_t kMaxCapture = std::size_t{4} << 30U;

// What was not used of a capture.
struct LeftOut {
  std::uint64_t not_udp = 0;
  std::uint64_t other_port = 0;
  std::uint64_t cut_off = 0;
};

void report(const LeftOut& left_out, std::optional<std::uint16_t> port) {
  if (left_out.not_udp != 0) {
    fmt::print(stderr, "{} packets are no UDP datagrams, or fragments of them\n", left_out.not_udp);
  }
  if (left_out.other_port != 0) {
    fmt::print(stderr, "{} datagrams are not to port {} (see --port)\n", left_out.other_port,
               port.value_or(0));
  }
  if (left_out.cut_off != 0) {
    fmt::print(stderr, "{} datagrams were cut off by the capture\n", left_out.cut_off);
  }
}

// Takes what has come until there is no more.
class Receiver {
 public:
  Receiver(io::EventLoop& loop, io::DatagramSocket& socket, const UseDatagram& use,
           const std::function<void()>& flush)
      : loop_(loop), socket_(socket), use_(use), flush_(flush), watch_(loop, socket.fd()) {
    wait();
  }

 private:
  void wait() {
    watch_.wait_readable([this] { receive(); });
  }

  void receive() {
    const auto batch = socket_.receive();
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    for (const auto& datagram : batch) {
      const SflowDatagram received{now, datagram.source.address, datagram.octets};
      if (use_(received) == Reading::kStop) return loop_.stop();
    }
    if (batch.size() < io::DatagramSocket::kBatch) flush_();
    wait();
  }

  io::EventLoop& loop_;
  io::DatagramSocket& socket_;
  const UseDatagram& use_;
  const std::function<void()>& flush_;
  io::DescriptorWatch watch_;
};

}  // namespace

Result<void, InputFailure> read_capture(const std::string& file, std::optional<std::uint16_t> port,
                                        const UseDatagram& use) {
  const auto content = io::read_file(file == "-" ? "/dev/stdin" : file, kMaxCapture);
  if (!content) return fail(InputFailure{ExitCode::kNotFound, content.error().message});
  auto reader = capture::CaptureReader::open(std::as_bytes(std::span(*content)));
  if (!reader) {
    return fail(InputFailure{ExitCode::kBadInput, file + ": " + reader.error().message});
  }
  LeftOut left_out;
  while (const auto packet = reader->next()) {
    const auto datagram = captured_datagram(*packet);
    if (!datagram) {
      ++left_out.not_udp;
      continue;
    }
    if (port && datagram->destination_port != *port) {
      ++left_out.other_port;
      continue;
    }
    if (packet->octets.size() < packet->length) ++left_out.cut_off;
    if (use({datagram->time, datagram->source, datagram->octets}) == Reading::kStop) break;
  }
  report(left_out, port);
  if (reader->error()) fmt::print(stderr, "{}: {}\n", file, *reader->error());
  return {};
}

Result<void> listen_for_datagrams(const io::IpEndpoint& local, const UseDatagram& use,
                                  const std::function<void()>& flush) {
  io::EventLoop loop;
  FABRIX_TRY(auto socket, io::DatagramSocket::bind(local));
  fmt::print(stderr, "listening at {}; ^C ends this\n", to_string(io::Endpoint(socket.local())));
  const io::SignalWatch signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  const Receiver receiver(loop, socket, use, flush);
  loop.run();
  flush();
  if (socket.dropped() != 0) {
    fmt::print(stderr, "the kernel dropped {} datagrams: they came faster than they were read\n",
               socket.dropped());
  }
  return {};
}

Result<std::optional<std::uint16_t>> captured_port(const Arguments& arguments) {
  const auto text = arguments.value("--port");
  if (!text) return std::optional(sflow::kDefaultPort);
  if (*text == "any") return std::optional<std::uint16_t>();
  FABRIX_TRY(const auto port, exchange::parse_port(*text));
  return std::optional(port);
}

}  // namespace fabrix::app
