#include "lab/traffic.h"

#include <array>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/connector.h"
#include "io/descriptor_watch.h"
#include "io/event_loop.h"
#include "io/listener.h"
#include "io/namespace.h"
#include "io/socket_address.h"
#include "lab/datagrams.h"

namespace fabrix::lab {
namespace {

constexpr std::uint8_t kTcp = 6;
constexpr std::uint16_t kAnyPort = 40000;
constexpr std::chrono::milliseconds kUdpInterval{50};

std::span<const std::byte> octets_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// What only this shipment sends: nobody else's traffic is taken for it.
std::string token_of(const Shipment& shipment) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return fmt::format("fabrix {} {} {}\n", shipment.from.router, getpid(), now);
}

io::IpEndpoint source_of(const net::Packet& packet) {
  const bool any = packet.src_port == kAnyPort;
  return {.address = packet.src_ip, .port = any ? std::uint16_t{0} : packet.src_port};
}

io::IpEndpoint destination_of(const net::Packet& packet) {
  return {.address = packet.dst_ip, .port = packet.dst_port};
}

class TcpShipment {
 public:
  explicit TcpShipment(const Shipment& shipment)
      : shipment_(shipment),
        payload_(std::string(kTcpBytes, 'f') + token_of(shipment)),
        received_(shipment.owners.size()) {}

  Result<Arrival> run() {
    for (std::size_t i = 0; i < shipment_.owners.size(); ++i) {
      if (auto done = listen(i); !done) return fail(done.error());
    }
    if (auto done = connect(); !done) return fail(done.error());
    loop_.run_until([this] { return arrival_.router || refused_; }, shipment_.limit);
    if (!arrival_.router) describe_partial();
    // A reset leaves no port in TIME_WAIT.
    if (sender_) sender_->abort();
    return arrival_;
  }

 private:
  struct Receiver {
    std::string text;
    std::vector<io::ByteStream> streams;
  };

  Result<void> listen(std::size_t owner) {
    const auto& name = shipment_.owners[owner].network_namespace;
    FABRIX_TRY(const auto scope, io::NamespaceScope::enter(name));
    FABRIX_TRY(auto listener, io::Listener::listen(loop_, destination_of(shipment_.packet), {},
                                                   [this, owner](io::ByteStream stream) {
                                                     accept(owner, std::move(stream));
                                                   }));
    listeners_.push_back(std::move(listener));
    return {};
  }

  void accept(std::size_t owner, io::ByteStream stream) {
    auto& streams = received_[owner].streams;
    streams.push_back(std::move(stream));
    streams.back().start({.on_data = [this, owner](auto bytes) { take(owner, bytes); },
                          .on_end = {},
                          .on_drained = {}});
  }

  void take(std::size_t owner, std::span<const std::byte> bytes) {
    std::string& text = received_[owner].text;
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text != payload_) return;
    arrival_.router = shipment_.owners[owner].router;
    arrival_.bytes = text.size();
  }

  Result<void> connect() {
    FABRIX_TRY(const auto scope, io::NamespaceScope::enter(shipment_.from.network_namespace));
    io::ConnectOptions options;
    options.timeout = shipment_.limit;
    options.tcp.user_timeout = shipment_.limit;
    options.source = source_of(shipment_.packet);
    connector_ = std::make_unique<io::Connector>(
        loop_, destination_of(shipment_.packet), options,
        [this](Result<io::ByteStream> stream) { connected(std::move(stream)); });
    return {};
  }

  void connected(Result<io::ByteStream> stream) {
    if (!stream) {
      arrival_.remark = stream.error().message;
      refused_ = true;
      return;
    }
    sender_.emplace(*std::move(stream));
    sender_->start({});
    std::ignore = sender_->write(octets_of(payload_));
  }

  // A connection without all of its bytes is told as what it is.
  void describe_partial() {
    for (std::size_t i = 0; i < received_.size(); ++i) {
      if (received_[i].streams.empty()) continue;
      arrival_.router = shipment_.owners[i].router;
      arrival_.bytes = received_[i].text.size();
      arrival_.remark =
          fmt::format("only {} of {} octets arrived", arrival_.bytes, payload_.size());
    }
  }

  const Shipment& shipment_;
  std::string payload_;
  io::EventLoop loop_;
  std::vector<io::Listener> listeners_;
  std::vector<Receiver> received_;  // by owner
  std::unique_ptr<io::Connector> connector_;
  std::optional<io::ByteStream> sender_;
  Arrival arrival_;
  bool refused_ = false;
};

// A datagram socket of a namespace, and the loop's eye on it.
struct Datagrams {
  io::FileDescriptor socket;
  std::unique_ptr<io::DescriptorWatch> watch;
};

class UdpShipment {
 public:
  explicit UdpShipment(const Shipment& shipment)
      : shipment_(shipment), token_(token_of(shipment)), timer_(loop_, [this] { repeat(); }) {}

  Result<Arrival> run() {
    for (const Place& owner : shipment_.owners) {
      FABRIX_TRY(auto socket,
                 open_datagrams(owner.network_namespace, destination_of(shipment_.packet)));
      auto watch = std::make_unique<io::DescriptorWatch>(loop_, socket.get());
      receivers_.push_back({std::move(socket), std::move(watch)});
    }
    FABRIX_TRY(sender_,
               open_datagrams(shipment_.from.network_namespace, source_of(shipment_.packet)));
    for (std::size_t i = 0; i < receivers_.size(); ++i) await(i);
    repeat();
    loop_.run_until([this] { return arrival_.router.has_value(); }, shipment_.limit);
    return arrival_;
  }

 private:
  void await(std::size_t owner) {
    receivers_[owner].watch->wait_readable([this, owner] { take(owner); });
  }

  void take(std::size_t owner) {
    std::array<char, 2048> buffer{};
    for (;;) {
      const auto size = recv(receivers_[owner].socket.get(), buffer.data(), buffer.size(), 0);
      if (size < 0) break;
      if (std::string_view(buffer.data(), static_cast<std::size_t>(size)) != token_) continue;
      arrival_.router = shipment_.owners[owner].router;
      arrival_.bytes = static_cast<std::size_t>(size);
      arrival_.remark.clear();
    }
    await(owner);
  }

  // The first datagrams may be lost while a next hop is being resolved.
  void repeat() {
    const auto to = io::SocketAddress::from(destination_of(shipment_.packet));
    if (!to) return;
    const auto sent =
        sendto(sender_.get(), token_.data(), token_.size(), 0, to->data(), to->size());
    if (sent < 0 && errno != EAGAIN) arrival_.remark = io::errno_error("send").message;
    timer_.start(kUdpInterval);
  }

  const Shipment& shipment_;
  std::string token_;
  io::EventLoop loop_;
  io::FileDescriptor sender_;
  std::vector<Datagrams> receivers_;  // by owner
  io::Timer timer_;
  Arrival arrival_;
};

}  // namespace

Result<Arrival> send(const Shipment& shipment) {
  if (shipment.packet.protocol == kTcp) return TcpShipment(shipment).run();
  return UdpShipment(shipment).run();
}

}  // namespace fabrix::lab
