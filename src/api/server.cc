#include "api/server.h"

#include <list>
#include <utility>

#include "io/listener.h"

namespace fabrix::api {

class Server::Impl {
 public:
  Impl(io::EventLoop& loop, const Handlers& handlers)
      : loop_(loop), handlers_(handlers), self_(std::make_shared<Impl*>(this)) {}
  ~Impl() { *self_ = nullptr; }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> listen(const std::string& path) {
    FABRIX_TRY(auto listener,
               io::Listener::listen(loop_, io::UnixEndpoint{path}, {},
                                    [this](io::ByteStream stream) { accept(std::move(stream)); }));
    listener_.emplace(std::move(listener));
    return {};
  }

 private:
  struct Client {
    io::ByteStream stream;
    std::string input;
    bool leaving = false;
  };
  using ClientRef = std::list<Client>::iterator;

  void accept(io::ByteStream stream) {
    if (clients_.size() == kMaxClients) return;  // Destroying the stream closes it.
    clients_.push_back({.stream = std::move(stream), .input = {}});
    const auto client = std::prev(clients_.end());
    client->stream.start(
        {.on_data = [this, client](std::span<const std::byte> data) { take(client, data); },
         .on_end = [this, client](const io::StreamEnd&) { leave(client); },
         .on_drained = {}});
  }

  void take(ClientRef client, std::span<const std::byte> data) {
    for (const std::byte octet : data) client->input.push_back(static_cast<char>(octet));
    std::size_t end = 0;
    while (!client->leaving && (end = client->input.find('\n')) != std::string::npos) {
      const std::string request = client->input.substr(0, end);
      client->input.erase(0, end + 1);
      const std::string reply = answer(handlers_, request);
      if (!client->stream.write(std::as_bytes(std::span(reply)))) leave(client);
    }
    if (client->input.size() > kMaxRequest) leave(client);
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
  std::list<Client> clients_;
  std::optional<io::Listener> listener_;
  std::shared_ptr<Impl*> self_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(io::EventLoop& loop, const std::string& path,
                                              const Handlers& handlers) {
  auto impl = std::make_unique<Impl>(loop, handlers);
  if (const auto listening = impl->listen(path); !listening) return fail(listening.error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace fabrix::api
