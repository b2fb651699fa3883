#include "io/secure_stream.h"

#include <utility>

namespace fabrix::io {

SecureStream::SecureStream(ByteStream stream, Handlers handlers)
    : handlers_(std::move(handlers)), stream_(std::move(stream)) {
  stream_.start({.on_data = [this](std::span<const std::byte> octets) { take(octets); },
                 .on_end = [this](const StreamEnd& how) { end(how); },
                 .on_drained = {}});
}

Result<void> SecureStream::start_tls(const TlsOptions& options) {
  FABRIX_TRY(auto tls, TlsClient::create(options));
  tls_.emplace(std::move(tls));
  flush();
  return {};
}

bool SecureStream::write(std::span<const std::byte> plain) {
  if (!tls_) return stream_.write(plain).has_value();
  return !is_over_ && tls_->send(plain).has_value() && flush();
}

bool SecureStream::flush() {
  const TlsClient::Octets octets = tls_->take_output();
  return octets.empty() || stream_.write(octets).has_value();
}

void SecureStream::take(std::span<const std::byte> octets) {
  if (tls_) return take_encrypted(octets);
  const auto on_data = handlers_.on_data;  // it may destroy us
  on_data(octets);
}

void SecureStream::take_encrypted(std::span<const std::byte> octets) {
  if (is_over_) return;
  const auto received = tls_->receive(octets);
  flush();
  const std::weak_ptr<int> alive = life_;
  const TlsClient::Octets plain = tls_->take_plain();
  const auto on_data = handlers_.on_data;
  if (!plain.empty()) on_data(plain);
  if (alive.expired()) return;
  if (!received) return end({StreamEndCause::kBroken, received.error().message});
  if (tls_->is_closed()) end({StreamEndCause::kPeerClosed, "closed by the peer"});
}

void SecureStream::end(const StreamEnd& how) {
  if (std::exchange(is_over_, true)) return;
  const bool is_cut_off = tls_ && how.cause == StreamEndCause::kPeerClosed && !tls_->is_closed();
  const auto on_end = handlers_.on_end;
  if (!is_cut_off) return on_end(how);
  on_end({StreamEndCause::kBroken, "closed by the peer, without an end of TLS"});
}

}  // namespace fabrix::io
