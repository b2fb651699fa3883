#include "http/server.h"

#include <list>
#include <optional>
#include <span>
#include <utility>

#include "http/response_head.h"
#include "io/listener.h"

namespace fabrix::http {
namespace {

// A slow client costs at most this; what is not sent yet stays with the handler.
constexpr io::StreamLimits kStreamLimits{.max_queued = std::size_t{1} << 20U,
                                         .high_water = std::size_t{256} << 10U,
                                         .low_water = std::size_t{64} << 10U};

}  // namespace

class Server::Impl {
 public:
  Impl(io::EventLoop& loop, ServerOptions options, Handler handler)
      : loop_(loop),
        options_(std::move(options)),
        handler_(std::move(handler)),
        self_(std::make_shared<Impl*>(this)) {}
  ~Impl() { *self_ = nullptr; }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> listen() {
    io::ListenOptions options;
    options.limits = kStreamLimits;
    options.admit = options_.admit;
    FABRIX_TRY(auto listener,
               io::Listener::listen(loop_, options_.local, std::move(options),
                                    [this](io::ByteStream stream) { accept(std::move(stream)); }));
    local_ = listener.local();
    listener_.emplace(std::move(listener));
    return {};
  }

  void drain() {
    listener_.reset();
    for (Connection& client : clients_) client.finish();
  }

  const io::Endpoint& local() const { return local_; }
  const ServerCounters& counters() const { return counters_; }

 private:
  using ClientRef = std::list<Connection>::iterator;

  void accept(io::ByteStream stream) {
    ++counters_.connections;
    if (clients_.size() >= options_.max_clients) return turn_away(std::move(stream));
    const auto ref = std::make_shared<ClientRef>();
    clients_.emplace_back(loop_, std::move(stream), options_.connection,
                          Connection::Callbacks{.handle = handler_,
                                                .on_answer = [this](unsigned s) { count(s); },
                                                .on_gone = [this, ref] { forget(*ref); }});
    *ref = std::prev(clients_.end());
    counters_.clients = clients_.size();
    clients_.back().start();
  }

  // Without reading what it asks, because reading is what there is no room for.
  void turn_away(io::ByteStream stream) {
    ++counters_.turned_away;
    Response response = problem(503, "too many clients at once; try again");
    response.headers.push_back({"Retry-After", "1"});
    const auto& body = std::get<std::string>(response.body);
    const std::string text =
        response_head(
            response,
            {.length = body.size(),
             .date = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())}) +
        body;
    count(response.status);
    // What does not fit into the queue of a new connection fits nowhere: it is closed either way.
    static_cast<void>(stream.write(std::as_bytes(std::span(text))));
    stream.close_gracefully();
  }

  void count(unsigned status) {
    if (const unsigned digit = status / 100; digit < counters_.answers.size()) {
      ++counters_.answers.at(digit);
    }
  }

  // From the loop, because the client's own callback may be running.
  void forget(ClientRef client) {
    loop_.post([self = self_, client] {
      if (*self != nullptr) (*self)->erase(client);
    });
  }

  void erase(ClientRef client) {
    clients_.erase(client);
    counters_.clients = clients_.size();
  }

  io::EventLoop& loop_;
  ServerOptions options_;
  Handler handler_;
  ServerCounters counters_;
  io::Endpoint local_;
  std::list<Connection> clients_;
  std::optional<io::Listener> listener_;
  std::shared_ptr<Impl*> self_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(io::EventLoop& loop, ServerOptions options,
                                              Handler handler) {
  auto impl = std::make_unique<Impl>(loop, std::move(options), std::move(handler));
  if (auto listening = impl->listen(); !listening) return fail(std::move(listening).error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

io::Endpoint Server::local() const {
  return impl_->local();
}

std::uint16_t Server::port() const {
  const auto* endpoint = std::get_if<io::IpEndpoint>(&impl_->local());
  return endpoint == nullptr ? std::uint16_t{0} : endpoint->port;
}

const ServerCounters& Server::counters() const {
  return impl_->counters();
}

void Server::drain() {
  impl_->drain();
}

}  // namespace fabrix::http
