#include "speaker/speaker.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "io/listener.h"
#include "speaker/neighbor_session.h"

namespace fabrix::speaker {
namespace {

constexpr std::size_t kLongestPassword = 80;  // io::Md5Key

Result<void> check(const NeighborOptions& options) {
  if (options.local_as.value == 0) return fail(Error{"the AS is 1 or more"});
  if (options.identifier == 0) return fail(Error{"the identifier is an address, not 0.0.0.0"});
  if (options.hold_time != std::chrono::seconds(0) &&
      (options.hold_time < std::chrono::seconds(3) ||
       options.hold_time > std::chrono::seconds(65535))) {
    return fail(Error{"the hold time is 0, or 3 to 65535 seconds"});
  }
  if (options.password.size() > kLongestPassword) {
    return fail(Error{fmt::format("a password has {} octets at most", kLongestPassword)});
  }
  if (options.families.empty() && options.flowspec.empty()) {
    return fail(Error{"there are no routes to be exchanged"});
  }
  return {};
}

io::Md5Key key_of(const NeighborOptions& options) {
  const auto host =
      net::Prefix::containing(options.address, net::width_of(options.address.family()));
  return {.peer = *host, .key = options.password};
}

}  // namespace

class Speaker::Impl {
 public:
  using Sessions = std::map<net::IpAddress, std::unique_ptr<NeighborSession>>;

  Impl(io::EventLoop& loop, SpeakerHandlers handlers)
      : loop_(loop), handlers_(std::move(handlers)), burial_(loop, [this] { removed_.clear(); }) {}

  ~Impl() {
    handlers_ = {};
    for (const auto& [address, session] : sessions_) {
      session->end(bgp::cease(bgp::Cease::kAdministrativeShutdown));
    }
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> listen(const std::optional<io::IpEndpoint>& at) {
    if (at == wanted_) return {};
    // The old one goes first: two addresses with one port may be one to the kernel.
    listener_.reset();
    const auto before = std::exchange(wanted_, at);
    auto done = open();
    if (done) return done;
    wanted_ = before;
    static_cast<void>(open());
    return done;
  }

  std::optional<io::IpEndpoint> listening() const {
    if (!listener_) return std::nullopt;
    return io::IpEndpoint{.address = wanted_->address, .port = listener_->port()};
  }

  Result<void> add(const NeighborOptions& options) {
    if (auto done = check(options); !done) return done;
    const auto found = sessions_.find(options.address);
    if (found == sessions_.end() && sessions_.size() >= kMaxNeighbors) {
      return fail(Error{fmt::format("at most {} routers", kMaxNeighbors)});
    }
    const std::string before = found == sessions_.end() ? "" : found->second->options().password;
    if (before != options.password) {
      if (auto done = set_key(options); !done) return done;
    }
    if (found != sessions_.end()) {
      found->second->configure(options);
    } else {
      sessions_.emplace(options.address,
                        std::make_unique<NeighborSession>(loop_, handlers_, options));
    }
    return {};
  }

  bool remove(const net::IpAddress& router) {
    auto node = sessions_.extract(router);
    if (!node) return false;
    NeighborOptions keyless = node.mapped()->options();
    if (!std::exchange(keyless.password, "").empty()) static_cast<void>(set_key(keyless));
    removed_.push_back(std::move(node.mapped()));
    burial_.start(std::chrono::milliseconds(0));  // it may be calling us
    removed_.back()->end(bgp::cease(bgp::Cease::kPeerDeconfigured));
    return true;
  }

  NeighborSession* find(const net::IpAddress& router) const {
    const auto found = sessions_.find(router);
    return found == sessions_.end() ? nullptr : found->second.get();
  }

  const Sessions& sessions() const { return sessions_; }

 private:
  Result<void> open() {
    if (!wanted_) return {};
    io::ListenOptions options;
    for (const auto& [address, session] : sessions_) {
      const bool is_signed = !session->options().password.empty();
      if (is_signed && address.family() == wanted_->address.family()) {
        options.tcp.md5_keys.push_back(key_of(session->options()));
      }
    }
    options.admit = [this](const io::Endpoint& peer) { return session_of(peer) != nullptr; };
    FABRIX_TRY(
        auto listener,
        io::Listener::listen(loop_, *wanted_, std::move(options), [this](io::ByteStream stream) {
          auto* const session = session_of(stream.peer());
          if (session) session->accept(std::move(stream));
        }));
    listener_.emplace(std::move(listener));
    return {};
  }

  NeighborSession* session_of(const io::Endpoint& peer) const {
    const auto* const endpoint = std::get_if<io::IpEndpoint>(&peer);
    return endpoint == nullptr ? nullptr : find(endpoint->address);
  }

  Result<void> set_key(const NeighborOptions& options) {
    if (!listener_ || options.address.family() != wanted_->address.family()) return {};
    return listener_->set_md5_key(key_of(options));
  }

  io::EventLoop& loop_;
  SpeakerHandlers handlers_;
  std::optional<io::IpEndpoint> wanted_;
  Sessions sessions_;
  std::vector<std::unique_ptr<NeighborSession>> removed_;  // until the loop's next turn
  io::Timer burial_;
  std::optional<io::Listener> listener_;
};

Speaker::Speaker(io::EventLoop& loop, SpeakerHandlers handlers)
    : impl_(std::make_unique<Impl>(loop, std::move(handlers))) {}
Speaker::~Speaker() = default;

Result<void> Speaker::listen(const std::optional<io::IpEndpoint>& at) {
  return impl_->listen(at);
}

std::optional<io::IpEndpoint> Speaker::listening() const {
  return impl_->listening();
}

Result<void> Speaker::add(const NeighborOptions& options) {
  return impl_->add(options);
}

bool Speaker::remove(const net::IpAddress& router) {
  return impl_->remove(router);
}

Result<void> Speaker::announce(const net::IpAddress& router, const net::Prefix& prefix,
                               const Announcement& route) {
  FABRIX_ASSERT(route.attributes != nullptr);
  NeighborSession* const session = impl_->find(router);
  if (session == nullptr) return fail(Error{fmt::format("no router {}", router.to_string())});
  if (auto done = check(prefix, route); !done) return done;
  const Outbox& outbox = session->outbox();
  if (outbox.route_count() >= kMaxRoutes && outbox.find(prefix) == nullptr) {
    return fail(Error{fmt::format("at most {} routes for a router", kMaxRoutes)});
  }
  session->announce(prefix, route);
  return {};
}

bool Speaker::withdraw(const net::IpAddress& router, const net::Prefix& prefix) {
  NeighborSession* const session = impl_->find(router);
  return session != nullptr && session->withdraw(prefix);
}

Result<void> Speaker::announce_flow(const net::IpAddress& router, const bgp::FlowSpecRule& rule,
                                    const FlowAnnouncement& flow) {
  FABRIX_ASSERT(flow.attributes != nullptr);
  NeighborSession* const session = impl_->find(router);
  if (session == nullptr) return fail(Error{fmt::format("no router {}", router.to_string())});
  if (auto done = check(rule, flow); !done) return done;
  const Outbox& outbox = session->outbox();
  if (outbox.flow_count() >= kMaxFlows && !outbox.has_flow(rule)) {
    return fail(Error{fmt::format("at most {} flow specifications for a router", kMaxFlows)});
  }
  session->announce_flow(rule, flow);
  return {};
}

bool Speaker::withdraw_flow(const net::IpAddress& router, const bgp::FlowSpecRule& rule) {
  NeighborSession* const session = impl_->find(router);
  return session != nullptr && session->withdraw_flow(rule);
}

const Announcement* Speaker::announced(const net::IpAddress& router,
                                       const net::Prefix& prefix) const {
  const NeighborSession* const session = impl_->find(router);
  return session == nullptr ? nullptr : session->outbox().find(prefix);
}

std::size_t Speaker::route_count(const net::IpAddress& router) const {
  const NeighborSession* const session = impl_->find(router);
  return session == nullptr ? 0 : session->outbox().route_count();
}

std::size_t Speaker::flow_count(const net::IpAddress& router) const {
  const NeighborSession* const session = impl_->find(router);
  return session == nullptr ? 0 : session->outbox().flow_count();
}

std::optional<NeighborView> Speaker::view(const net::IpAddress& router) const {
  const NeighborSession* const session = impl_->find(router);
  return session == nullptr ? std::nullopt : std::optional(session->view());
}

std::vector<NeighborView> Speaker::views() const {
  std::vector<NeighborView> views;
  for (const auto& [address, session] : impl_->sessions()) views.push_back(session->view());
  return views;
}

}  // namespace fabrix::speaker
