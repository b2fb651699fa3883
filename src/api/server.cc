#include "api/server.h"

#include <functional>
#include <list>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "io/listener.h"

namespace fabrix::api {
namespace {

// The largest answer: all routes of a large exchange.
constexpr std::size_t kMaxAnswer = std::size_t{1} << 30U;

bool send(io::ByteStream& stream, const std::string& reply) {
  return stream.write(std::as_bytes(std::span(reply))).has_value();
}

}  // namespace

class Server::Impl {
 public:
  Impl(io::EventLoop& loop, Handlers handlers, std::chrono::milliseconds idle_limit)
      : loop_(loop),
        handlers_(std::move(handlers)),
        idle_limit_(idle_limit),
        self_(std::make_shared<Impl*>(this)) {}
  ~Impl() { *self_ = nullptr; }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> listen(const std::string& path) {
    io::ListenOptions options;
    options.limits.max_queued = kMaxAnswer;
    FABRIX_TRY(auto listener,
               io::Listener::listen(loop_, io::UnixEndpoint{path}, std::move(options),
                                    [this](io::ByteStream stream) { accept(std::move(stream)); }));
    listener_.emplace(std::move(listener));
    return {};
  }

 private:
  struct Client final : MonitorHub::Outlet {
    Client(io::ByteStream connection, io::EventLoop& loop, std::function<void()> on_idle)
        : stream(std::move(connection)), idle(loop, std::move(on_idle)) {}

    bool has_room() const override { return !stream.congested(); }
    void say(std::string_view line) override {
      // That the connection is broken is told by on_end.
      std::ignore = stream.write(std::as_bytes(std::span(line)));
    }

    io::ByteStream stream;
    io::Timer idle;
    std::string input;
    bool ended = false;    // asks nothing more
    bool leaving = false;  // is about to be forgotten
    std::optional<MonitorHub::Subscription> monitoring;
  };
  using ClientRef = std::list<Client>::iterator;

  void accept(io::ByteStream stream) {
    if (clients_.size() == kMaxClients) {
      send(stream, refusal("too many clients at once; try again"));
      stream.close_gracefully();
      return;
    }
    const auto ref = std::make_shared<ClientRef>();
    clients_.emplace_back(std::move(stream), loop_, [this, ref] { leave(*ref); });
    const auto client = *ref = std::prev(clients_.end());
    client->idle.start(idle_limit_);
    client->stream.start(
        {.on_data = [this, client](std::span<const std::byte> data) { take(client, data); },
         .on_end = [this, client](const io::StreamEnd& end) { finish(client, end); },
         .on_drained = [this, client] { resume(client); }});
  }

  void take(ClientRef client, std::span<const std::byte> data) {
    if (client->monitoring) return;
    for (const std::byte octet : data) client->input.push_back(static_cast<char>(octet));
    client->idle.start(idle_limit_);
    serve(client);
  }

  void finish(ClientRef client, const io::StreamEnd& end) {
    client->ended = true;
    if (end.cause == io::StreamEndCause::kBroken || client->monitoring)
      leave(client);
    else
      serve(client);
  }

  void resume(ClientRef client) {
    if (client->monitoring) return client->monitoring->resume();
    client->idle.start(idle_limit_);
    if (!client->ended) client->stream.resume_reading();
    serve(client);
  }

  // Answers what has been asked, as long as the answers are taken.
  void serve(ClientRef client) {
    std::size_t end = 0;
    while (!client->leaving && (end = client->input.find('\n')) != std::string::npos) {
      if (client->stream.congested()) {
        client->stream.pause_reading();
        return;
      }
      const std::string request = client->input.substr(0, end);
      client->input.erase(0, end + 1);
      const Reply reply =
          request.size() > kMaxRequest ? Reply{too_long()} : reply_to(handlers_, request);
      if (!send(client->stream, reply.line)) leave(client);
      if (reply.stream) return monitor(client, *reply.stream);
    }
    if (client->leaving) return;
    if (client->input.size() > kMaxRequest) {
      send(client->stream, too_long());
      client->ended = true;
    }
    if (!client->ended) return;
    client->stream.close_gracefully();
    leave(client);
  }

  void monitor(ClientRef client, const MonitorFilter& filter) {
    if (client->leaving) return;
    if (client->ended) return leave(client);
    client->idle.cancel();
    client->input.clear();
    client->monitoring.emplace(handlers_.monitors->subscribe(filter, *client));
  }

  static std::string too_long() {
    return refusal(fmt::format("the request is longer than {} octets", kMaxRequest));
  }

  // From the loop, because the client's own callback may be running.
  void leave(ClientRef client) {
    if (std::exchange(client->leaving, true)) return;
    loop_.post([self = self_, client] {
      if (*self != nullptr) (*self)->clients_.erase(client);
    });
  }

  io::EventLoop& loop_;
  Handlers handlers_;
  std::chrono::milliseconds idle_limit_;
  std::list<Client> clients_;
  std::optional<io::Listener> listener_;
  std::shared_ptr<Impl*> self_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(io::EventLoop& loop, const std::string& path,
                                              const Handlers& handlers,
                                              std::chrono::milliseconds idle_limit) {
  auto impl = std::make_unique<Impl>(loop, handlers, idle_limit);
  if (const auto listening = impl->listen(path); !listening) return fail(listening.error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace fabrix::api
