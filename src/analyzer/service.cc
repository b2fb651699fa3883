#include "analyzer/service.h"

#include <chrono>
#include <utility>

#include "analyzer/active_routing.h"
#include "analyzer/crew.h"
#include "analyzer/forwarder.h"
#include "analyzer/name_asker.h"
#include "analyzer/router.h"
#include "analyzer/router_sessions.h"
#include "analyzer/script_host.h"
#include "http/server.h"
#include "io/datagram_socket.h"
#include "io/descriptor_watch.h"

namespace fabrix::analyzer {
namespace {

constexpr std::chrono::milliseconds kTick{100};
// Of full batches, before others have their turn of the loop.
constexpr int kBatchesPerTurn = 16;
// Clients that wait for events keep their places.
constexpr std::size_t kMaxClients = 256;

telemetry::Time system_time() {
  return std::chrono::duration_cast<telemetry::Time>(
      std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace

class Service::Impl {
 public:
  Impl(io::EventLoop& loop, std::size_t threads, std::optional<Recording> recording)
      : loop_(loop),
        crew_(threads),
        engine_(crew_.parts() > 1 ? &crew_ : nullptr),
        exports_(loop, engine_),
        sessions_(loop, engine_),
        routes_(all_routes()),
        tick_(loop, [this] { tick(); }),
        scripts_(loop, engine_, routes_, sessions_) {
    if (recording) {
      playback_.emplace(loop, *std::move(recording), [this](const RecordedDatagram& datagram) {
        receive(datagram.octets, datagram.from, datagram.time);
      });
    }
    tick();
  }

  Result<void> configure(const ServiceOptions& options) {
    if (auto named = name_with(options.names); !named) return named;
    if (auto moved = move_sflow(options.sflow); !moved) return moved;
    if (auto moved = move_rest(options.rest); !moved) return moved;
    exports_.configure(options.exports);
    if (auto joined = sessions_.configure(options.bgp); !joined) return joined;
    if (auto active = active_.configure(options.active_routes); !active) return active;
    return scripts_.configure(options.scripts);
  }

  void receive(std::span<const std::byte> datagram, const net::IpAddress& from) {
    receive(datagram, from, now());
  }

  std::optional<io::IpEndpoint> sflow() const {
    return socket_ ? std::optional(socket_->local()) : std::nullopt;
  }
  io::Endpoint rest() const { return server_->local(); }
  telemetry::Engine& engine() { return engine_; }
  const exports::Exports& exports() const { return exports_; }
  RouterSessions& sessions() { return sessions_; }

 private:
  telemetry::Time now() const { return playback_ ? playback_->now() : system_time(); }

  void receive(std::span<const std::byte> datagram, const net::IpAddress& from,
               telemetry::Time time) {
    engine_.receive(datagram, from, time);
    forwarder_.send(engine_.forwards(), datagram);
    scripts_.look();
  }

  Result<void> name_with(const NameOptions& options) {
    if (asker_ && options == names_) return {};
    FABRIX_TRY(auto asker, NameAsker::create(loop_, options.dns, engine_.host_names()));
    FABRIX_TRY(auto world, WorldNames::open(options));
    engine_.name_with(world.get());
    world_ = std::move(world);
    asker_ = std::move(asker);
    names_ = options;
    return {};
  }

  Result<void> move_sflow(const std::optional<io::IpEndpoint>& to) {
    if (to == sflow_) return {};
    const auto before = std::exchange(sflow_, to);
    auto moved = listen();
    if (moved) return moved;
    sflow_ = before;
    // What it had a moment ago is free.
    static_cast<void>(listen());
    return moved;
  }

  // The old socket goes first: two addresses with one port may be one to the kernel.
  Result<void> listen() {
    watch_.reset();
    if (socket_) dropped_before_ += socket_->dropped();
    socket_.reset();
    if (!sflow_) return {};
    FABRIX_TRY(socket_, io::DatagramSocket::bind(*sflow_));
    watch_.emplace(loop_, socket_->fd());
    wait();
    return {};
  }

  Result<void> move_rest(const io::IpEndpoint& to) {
    if (server_ && to == rest_) return {};
    const bool had = server_ != nullptr;
    server_.reset();
    const auto before = std::exchange(rest_, to);
    auto moved = serve();
    if (moved || !had) return moved;
    rest_ = before;
    static_cast<void>(serve());
    return moved;
  }

  Result<void> serve() {
    http::ServerOptions options;
    options.local = rest_;
    options.max_clients = kMaxClients;
    FABRIX_TRY(server_,
               http::Server::start(loop_, std::move(options), [this](const http::Request& request) {
                 engine_.tick(now());
                 if (scripts_.is_for_scripts(request)) return scripts_.answer(request);
                 if (playback_ && Playback::is_asked_for(request)) {
                   return playback_->answer(request);
                 }
                 return routes_.answer(engine_, request, &exports_, &active_, &sessions_);
               }));
    return {};
  }

  void wait() {
    watch_->wait_readable([this] { read(); });
  }

  void read() {
    for (int i = 0; i < kBatchesPerTurn; ++i) {
      const auto batch = socket_->receive();
      const telemetry::Time time = now();
      arrivals_.clear();
      for (const io::ReceivedDatagram& datagram : batch) {
        arrivals_.push_back({.datagram = datagram.octets, .from = datagram.source.address});
        if (!engine_.forwards().empty()) forwarder_.send(engine_.forwards(), datagram.octets);
      }
      engine_.receive(arrivals_, time);
      if (batch.size() < io::DatagramSocket::kBatch) break;
    }
    engine_.set_discarded(dropped_before_ + socket_->dropped());
    scripts_.look();
    wait();
  }

  void tick() {
    engine_.tick(now());
    exports_.tick();
    active_.tick(engine_.now());
    scripts_.look();
    if (asker_) asker_->turn();
    tick_.start(kTick);
  }

  io::EventLoop& loop_;
  NameOptions names_;
  std::unique_ptr<WorldNames> world_;  // the engine's
  Crew crew_;                          // the engine's
  telemetry::Engine engine_;
  exports::Exports exports_;
  RouterSessions sessions_;
  ActiveRouting active_{engine_, &sessions_.speaker()};
  std::unique_ptr<NameAsker> asker_;  // null before the first configuration
  Router routes_;
  Forwarder forwarder_;
  io::Timer tick_;
  std::optional<io::IpEndpoint> sflow_;
  std::optional<io::DatagramSocket> socket_;
  std::optional<io::DescriptorWatch> watch_;          // of the socket
  std::uint64_t dropped_before_ = 0;                  // of sockets that are closed
  std::vector<telemetry::Engine::Arrival> arrivals_;  // of the batch at hand
  io::IpEndpoint rest_;
  std::unique_ptr<http::Server> server_;
  ScriptHost scripts_;
  std::optional<Playback> playback_;  // none: it is now
};

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

Result<std::unique_ptr<Service>> Service::start(io::EventLoop& loop, const ServiceOptions& options,
                                                std::optional<Recording> recording) {
  auto impl = std::make_unique<Impl>(loop, options.threads, std::move(recording));
  if (auto done = impl->configure(options); !done) return fail(std::move(done).error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Result<void> Service::configure(const ServiceOptions& options) {
  return impl_->configure(options);
}

void Service::receive(std::span<const std::byte> datagram, const net::IpAddress& from) {
  impl_->receive(datagram, from);
}

std::optional<io::IpEndpoint> Service::sflow() const {
  return impl_->sflow();
}

io::Endpoint Service::rest() const {
  return impl_->rest();
}

telemetry::Engine& Service::engine() {
  return impl_->engine();
}

const exports::Exports& Service::exports() const {
  return impl_->exports();
}

RouterSessions& Service::sessions() {
  return impl_->sessions();
}

}  // namespace fabrix::analyzer
